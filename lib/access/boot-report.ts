import type { FastifyInstance } from 'fastify'
import type { AccessOptions } from '../options.js'
import { didYouMean, nearestName } from '../internal/nearest-name.js'
import { isAtOrBelow, toSegments, type PublicPath } from './public-paths.js'
import type { KnownRoute } from './route-access.js'
import { paramNames } from './route-params.js'
import { underPublicPath, type RulePolicy } from './route-rules.js'

function describe ({ options: { method, url } }: KnownRoute): string {
  return `${[method].flat().join(', ')} ${url}`
}

/** Every path a public path could name: the routes' own and all above them. */
function namablePaths (routes: KnownRoute[]): Set<string> {
  const paths = new Set<string>()
  for (const { options } of routes) {
    const segments = toSegments(options.url)
    for (let length = segments.length; length > 0; length--) paths.add(`/${segments.slice(0, length).join('/')}`)
  }
  return paths
}

function * aboutPublicPath (entry: PublicPath, routes: KnownRoute[]): Generator<string> {
  const below = routes.filter(({ options }) => underPublicPath(options.url, [entry]) !== null)
  if (below.length === 0) {
    yield `The public path "${entry.path}" matches no route.${didYouMean(entry.path, namablePaths(routes))}`
  }
  for (const route of below) {
    if (!isAtOrBelow(toSegments(route.options.url), entry.segments)) continue
    const own = route.namesHook ? 'app.verifyToken' : route.rule.where === 'config.auth' && route.rule.access !== 'public' ? 'config.auth' : null
    if (own !== null) yield `The public path "${entry.path}" covers ${describe(route)}, which asks for a token by ${own} and keeps it: one of the two is not meant.`
  }
}

/** A public path that opens a route whose URL names a user opens that user to everyone. */
function * aboutOpenedOwners (routes: KnownRoute[], { publicPaths, ownerParams }: RulePolicy): Generator<string> {
  for (const route of routes) {
    if (route.rule.where !== 'publicPaths' || route.rule.access !== 'public') continue
    const owner = paramNames(route.options.url).find((name) => ownerParams.includes(name))
    const entry = publicPaths.find(({ segments }) => isAtOrBelow(toSegments(route.options.url), segments))
    if (owner !== undefined) yield `The public path "${entry?.path}" opens ${describe(route)}, whose ":${owner}" names a user: if that is meant, say it on the route with config: { auth: false }.`
  }
}

function * aboutOwnerParams (ownerParams: string[], routes: KnownRoute[]): Generator<string> {
  const names = new Set(routes.flatMap(({ options }) => paramNames(options.url)))
  for (const name of ownerParams) {
    if (!names.has(name)) yield `The owner parameter "${name}" is in no route.${didYouMean(name, names)}`
  }
}

// `config` belongs to every plugin, so only what is one slip away from "auth" is worth a word.
function * aboutConfigKeys (routes: KnownRoute[]): Generator<string> {
  for (const route of routes) {
    for (const key of Object.keys(route.options.config ?? {})) {
      if (key !== 'oauth' && nearestName(key, ['auth']) !== undefined) {
        yield `${describe(route)} has config.${key}, which nothing reads here. Did you mean "auth"?`
      }
    }
  }
}

/**
 * What does not fit together, in sentences: entries the app wrote that match nothing, and public
 * paths that cover what something else protects. Defaults are not held against the app.
 */
export function findWarnings (options: AccessOptions, policy: RulePolicy, known: KnownRoute[]): string[] {
  // HEAD follows GET, and would only say everything twice.
  const routes = known.filter((route) => route.options.method !== 'HEAD')
  return [
    ...(options.publicPaths === undefined ? [] : policy.publicPaths.flatMap((entry) => [...aboutPublicPath(entry, routes)])),
    ...aboutOpenedOwners(routes, policy),
    ...(Array.isArray(options.ownerParams) ? aboutOwnerParams(options.ownerParams, routes) : []),
    ...aboutConfigKeys(routes)
  ]
}

/** Puts the warnings where they are read: in the log, or among Node's process warnings when there is none. */
export function reportWarnings (app: FastifyInstance, warnings: string[]): void {
  for (const warning of new Set(warnings)) {
    // Without a logger Fastify puts one there that has no level and says nothing.
    if (app.log.level === undefined) process.emitWarning(warning, { type: 'AuthIntegrationWarning', code: 'FAI_WARNING' })
    else app.log.warn(warning)
  }
}
