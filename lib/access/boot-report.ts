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
    const own = route.namesHook
      ? 'app.verifyToken'
      : route.rule.where === 'config.auth' && route.rule.access !== 'public'
        ? 'config.auth'
        : null
    if (own !== null) {
      yield `The public path "${entry.path}" covers ${describe(route)}, which asks for a token by ${own} and keeps it: one of the two is not meant.`
    }
  }
}

/** A public path that opens a route whose URL names a user opens that user to everyone. */
function * aboutOpenedOwners (routes: KnownRoute[], { publicPaths, ownerParams }: RulePolicy): Generator<string> {
  for (const route of routes) {
    if (route.rule.where !== 'publicPaths' || route.rule.access !== 'public') continue
    const owner = paramNames(route.options.url).find((name) => ownerParams.includes(name))
    const entry = publicPaths.find(({ segments }) => isAtOrBelow(toSegments(route.options.url), segments))
    if (owner !== undefined) {
      yield `The public path "${entry?.path}" opens ${describe(route)}, whose ":${owner}" names a user: if that is meant, say it on the route with config: { auth: false }.`
    }
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

// Whoever names authorization servers expects access tokens, and they pass only where a scope is named.
function * aboutScopes ({ resource, scope }: AccessOptions, routes: KnownRoute[]): Generator<string> {
  if (resource === undefined || scope !== undefined) return
  const asking = routes.filter(({ rule }) => rule.access !== 'public' && rule.demands !== null)
  const open = asking.filter(({ rule }) => rule.demands?.scopes === undefined)
  if (open.length === 0 || open.length < asking.length) return
  yield (
    'The "resource" option is given and no route names a scope, so an access token (at+jwt) is refused on each with 403: give the plugin a ' +
    '"scope", a route config.auth.scope, or the plugin scope: false to let one of any scope act as its whole user.'
  )
}

/**
 * What does not fit together, in sentences: entries the app wrote that match nothing, and public
 * paths that cover what something else protects. Defaults are not held against the app.
 */
export function findWarnings (options: AccessOptions, policy: RulePolicy, known: KnownRoute[]): string[] {
  // HEAD follows GET, and would only say everything twice.
  const routes = known.filter((route) => route.options.method !== 'HEAD')
  return [
    ...(options.publicPaths === undefined
      ? []
      : policy.publicPaths.flatMap((entry) => [...aboutPublicPath(entry, routes)])),
    ...aboutOpenedOwners(routes, policy),
    ...(Array.isArray(options.ownerParams) ? aboutOwnerParams(options.ownerParams, routes) : []),
    ...aboutConfigKeys(routes),
    ...aboutScopes(options, routes)
  ]
}
