import type { RouteAccess, RouteAuth } from '../types.js'
import { isAtOrBelow, toPlainSegments, toSegments, type PublicPath } from './public-paths.js'
import { paramNames } from './route-params.js'

/** What is decided once for a route, so that a request only looks it up. */
export interface RouteRule {
  access: RouteAccess['access']
  why: string
  where: RouteAccess['where']
  /** The parameters that must be the caller. */
  owners: readonly string[]
  /** Under a wildcard: whether this raw URL lies below a public path. */
  opens: ((rawUrl: string) => boolean) | null
}

/** What a route tells about itself when it is registered. */
export interface RouteFacts {
  url: string
  auth: RouteAuth | undefined
  /** The route names `app.verifyToken` among its own hooks. */
  namesHook: boolean
}

/** The options that rules are made from, parsed. */
export interface RulePolicy {
  publicPaths: PublicPath[]
  ownerParams: readonly string[]
}

const nobody: readonly string[] = []

/** A request that matched no route: it is answered 404, with a token or without. */
export const unknownPath: RouteRule = { access: 'public', why: 'no such route', where: 'router', owners: nobody, opens: null }

/** @fastify/cors' own `OPTIONS *`: it answers preflights and 404s to everything else. */
export const preflightRoute: RouteRule = { access: 'public', why: 'the preflight route of @fastify/cors', where: '@fastify/cors', owners: nobody, opens: null }

function toOwners (owner: string | string[] | false, names: string[], url: string): string[] {
  const owners = owner === false ? [] : [owner].flat()
  for (const name of owners) {
    if (!names.includes(name)) {
      throw new TypeError(`config.auth of ${url} names the owner parameter ${JSON.stringify(name)}, and the URL has ${names.length > 0 ? names.join(', ') : 'no parameter'}`)
    }
  }
  return owners
}

/**
 * Decides who may pass a route, from its own URL and config, never from a request's URL.
 * What the route says of itself goes before `publicPaths`, and naming the hook means wanting it.
 * @throws {TypeError} when `config.auth` says nothing that is known, or contradicts the route's hooks
 */
export function decideRule ({ url, auth, namesHook }: RouteFacts, policy: RulePolicy): RouteRule {
  const names = paramNames(url)
  const listed = policy.ownerParams.filter((name) => names.includes(name))

  if (auth === false) {
    if (namesHook) throw new TypeError(`${url} has config: { auth: false } and names app.verifyToken: leave one of them out`)
    return { access: 'public', why: 'config.auth is false', where: 'config.auth', owners: nobody, opens: null }
  }
  if (auth === 'optional') {
    return { access: 'optional', why: 'config.auth is "optional"', where: 'config.auth', owners: listed, opens: null }
  }
  if (auth !== undefined && (auth === null || typeof auth !== 'object' || Array.isArray(auth))) {
    throw new TypeError(`config.auth of ${url} must be false, "optional" or { owner }, got ${JSON.stringify(auth)}`)
  }
  if (auth?.owner !== undefined) {
    const owners = toOwners(auth.owner, names, url)
    if (owners.length === 0) return { access: 'token', why: 'config.auth asks for no owner', where: 'config.auth', owners, opens: null }
    return { access: 'owner', why: `config.auth: ${owners.join(', ')} must be the caller`, where: 'config.auth', owners, opens: null }
  }
  if (!namesHook && auth === undefined) {
    const open = underPublicPath(url, policy.publicPaths)
    if (open !== null && !open.partly) return { access: 'public', why: open.why, where: 'publicPaths', owners: nobody, opens: null }
    if (open !== null) return { ...needsToken(listed, namesHook), why: open.why, where: 'publicPaths', opens: open.opens }
  }
  return needsToken(listed, namesHook)
}

function needsToken (owners: readonly string[], namesHook: boolean): RouteRule {
  if (owners.length > 0) return { access: 'owner', why: `${owners.join(', ')} must be the caller`, where: 'ownerParams', owners, opens: null }
  if (namesHook) return { access: 'token', why: 'the route names app.verifyToken', where: 'route hook', owners, opens: null }
  return { access: 'token', why: 'no rule opens it', where: 'default', owners, opens: null }
}

interface Opening { why: string, partly: boolean, opens: ((rawUrl: string) => boolean) | null }

function underPublicPath (url: string, publicPaths: PublicPath[]): Opening | null {
  const segments = toSegments(url)
  if (!url.endsWith('*')) {
    const found = publicPaths.find((entry) => isAtOrBelow(segments, entry.segments))
    return found === undefined ? null : { why: `at or below the public path ${found.path}`, partly: false, opens: null }
  }
  // Fixed segments are the router's business and compare with the route; those the wildcard takes
  // compare with the request, character for character.
  const fixed = segments.slice(0, -1)
  const start = (segments.at(-1) as string).slice(0, -1)
  const reachable = publicPaths.filter(({ segments: path }) => isAtOrBelow(fixed, path) ||
    (isAtOrBelow(path, fixed) && path[fixed.length]?.startsWith(start)))
  if (reachable.length === 0) return null
  const rests = reachable.map(({ segments: path }) => path.slice(fixed.length))
  return {
    why: `plain paths at or below the public path ${reachable.map(({ path }) => path).join(', ')} are open; no rule opens the rest`,
    partly: true,
    opens: (rawUrl) => {
      const requested = toPlainSegments(rawUrl)?.slice(fixed.length)
      return requested !== undefined && rests.some((rest) => isAtOrBelow(requested, rest))
    }
  }
}
