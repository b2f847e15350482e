import type { FastifyInstance } from 'fastify'

/** A Fastify instance as far as its child scopes are concerned. */
interface Scope { pluginName?: string, prefix?: string }

// Fastify has no public list of child scopes; its own is under a symbol of this description.
function childScopes (app: FastifyInstance): Scope[] {
  const symbol = Object.getOwnPropertySymbols(app).find(({ description }) => description === 'fastify.children')
  const children: unknown = symbol === undefined ? [] : (app as unknown as Record<symbol, unknown>)[symbol]
  return Array.isArray(children) ? children as Scope[] : []
}

/** Whether an instance is the server itself, and no scope below it. */
export function isRoot (app: FastifyInstance): boolean {
  return Object.hasOwn(app, 'printRoutes')
}

// The router only lists the whole server's routes, so a plugin registered below the root cannot
// know which of them are its own scope's; those stay closed, decided when they are first called.
function ownRoutes (app: FastifyInstance): string[] {
  if (!isRoot(app)) return []
  const routes: string[] = []
  for (const [, url, methods] of app.printRoutes({ commonPrefix: false }).matchAll(/── (.*) \(([A-Z, -]+)\)/g)) {
    // An app's own @fastify/cors has to come first, and brings this one.
    if (methods === 'OPTIONS' && url === '*') continue
    routes.push(`${methods} ${url}`)
  }
  return routes
}

function describe ({ pluginName, prefix }: Scope): string {
  // Fastify names a plugin without a name by its first lines.
  const name = (pluginName ?? 'without a name').split('\n')[0]?.trim().slice(0, 60)
  return prefix === undefined || prefix === '' ? `"${name}"` : `"${name}" (${prefix})`
}

/**
 * Refuses to go on when routes or child scopes exist already: Fastify hangs no hook on a child scope
 * that exists, and calls no onRoute hook for a route that was registered before.
 * @throws {TypeError} naming the routes and scopes
 */
export function refuseEarlyRoutes (app: FastifyInstance): void {
  const scopes = childScopes(app)
  const routes = ownRoutes(app)
  if (scopes.length === 0 && routes.length === 0) return
  const found = [
    routes.length > 0 ? `the routes ${routes.join('; ')}` : null,
    scopes.length > 0 ? `the plugins ${scopes.map(describe).join(', ')}` : null
  ].filter((part) => part !== null).join(' and ')
  throw new TypeError(`fastify-auth-integration would not guard what was registered before it: ${found}. ` +
    'Write `await app.register(authIntegration, { … })` before the first route and the first plugin that has routes')
}
