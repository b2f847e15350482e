import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify'
import type { RouteAccess } from '../types.js'
import type { RouteRule } from './route-rules.js'

/** A route as it was registered, and what was decided for it. */
export interface KnownRoute {
  scope: FastifyInstance
  /** A copy: Fastify goes on to change its own for the twin that a prefix's `/` gets. */
  options: RouteOptions
  /** Fastify's own, which other plugins hold as well. */
  registered: RouteOptions
  rule: RouteRule
  /** The route names `app.verifyToken` among its own hooks. */
  namesHook: boolean
  /** It names the hook, or with `hook: false` got it for what its `config.auth` asks. */
  runsHook: boolean
}

// Only with `hook: false` does it matter which hooks a scope has; Fastify keeps them under a symbol
// of this description and has no public list.
function scopeRunsHook (scope: FastifyInstance, hook: unknown): boolean {
  for (let at: object | null = scope; at !== null; at = Object.getPrototypeOf(at)) {
    const symbol = Object.getOwnPropertySymbols(at).find(({ description }) => description === 'fastify.hooks')
    if (symbol === undefined) continue
    const hooks = (at as Record<symbol, unknown>)[symbol] as Record<string, unknown>
    return Object.values(hooks).some((list) => Array.isArray(list) && list.includes(hook))
  }
  return false
}

function toConstraints (constraints: object | undefined): Record<string, string> | undefined {
  const entries = Object.entries(constraints ?? {})
  return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}

function compare (one: RouteAccess, other: RouteAccess): number {
  const left = [one.url, one.method, JSON.stringify(one.constraints ?? '')]
  const right = [other.url, other.method, JSON.stringify(other.constraints ?? '')]
  // Not by locale: the list is committed, and must be the same on every machine.
  for (const [index, text] of left.entries()) {
    if (text !== right[index]) return text < (right[index] as string) ? -1 : 1
  }
  return 0
}

/** The URLs of a route: a prefix's `/` is two, and Fastify announces the second by changing its own object. */
function urlsOf ({ options, registered }: KnownRoute): string[] {
  return [...new Set([options.url, registered.url])]
}

/** Lists every method of every route, sorted by URL and method, as plain serialisable rows. */
export function listRouteAccess (routes: KnownRoute[], hook: unknown, isGlobal: boolean): RouteAccess[] {
  return routes.flatMap((route) => {
    const { scope, options, rule, runsHook } = route
    const runs = isGlobal || runsHook || scopeRunsHook(scope, hook)
    const constraints = toConstraints(options.constraints)
    return urlsOf(route).flatMap((url) => [options.method].flat().map((method): RouteAccess => ({
      method,
      url,
      access: runs ? rule.access : 'public',
      why: runs ? rule.why : 'the hook option is false, and neither the route nor its scope names app.verifyToken',
      where: runs ? rule.where : 'hook',
      ...(runs ? listDemands(rule) : null),
      ...(constraints === undefined ? null : { constraints })
    })))
  }).sort(compare)
}

function listDemands ({ access, demands }: RouteRule): Pick<RouteAccess, 'scope' | 'role' | 'impersonation'> | null {
  if (access === 'public' || demands === null) return null
  const { scopes = [], roles, impersonation } = demands
  return {
    ...(scopes.length === 0 ? null : { scope: [...scopes] }),
    ...(roles.length === 0 ? null : { role: [...roles] }),
    ...(impersonation ? null : { impersonation: false as const })
  }
}

/** Every scope that some route needs, sorted. */
export function scopesOf (routes: KnownRoute[]): string[] {
  return [...new Set(routes.flatMap(({ rule }) => rule.access === 'public' ? [] : rule.demands?.scopes ?? []))].sort()
}

/** The schemas routes were registered with, by `METHOD url`. */
export function listSchemas (routes: KnownRoute[]): Map<string, FastifySchema | undefined> {
  return new Map(routes.flatMap((route) => urlsOf(route).flatMap((url) =>
    [route.options.method].flat().map((method) => [`${method} ${url}`, route.options.schema] as const))))
}
