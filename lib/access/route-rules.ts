import { inspect } from 'node:util'
import type { RouteAccess, RouteAuth, RouteAuthRules } from '../types.js'
import { didYouMean } from '../internal/nearest-name.js'
import { describeUnknownKey } from '../internal/unknown-keys.js'
import { parseDemands, type Demands } from './demands.js'
import { isAtOrBelow, toPlainSegments, toSegments, type PublicPath } from './public-paths.js'
import { paramNames } from './route-params.js'

/** What is decided once for a route, so that a request only looks it up. */
export interface RouteRule {
  access: RouteAccess['access']
  why: string
  where: RouteAccess['where']
  /** The parameters that must be the caller. */
  owners: readonly string[]
  /** The parameters that must be the active organization; absent for none. */
  organizations?: readonly string[]
  /** Under a wildcard: whether this raw URL lies below a public path. */
  opens: ((rawUrl: string) => boolean) | null
  /** What its tokens must hold; `null` where none is asked for. */
  demands: Demands | null
  /** Why the route's `config.auth` cannot be obeyed; the app does not start with one. */
  mistake?: string
}

/** What a route says about itself when it is registered. */
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
  /** Those that must equal the active organization; none without the `organization` option. */
  organizationParams?: readonly string[]
  /** What a token must hold where the route does not say. */
  demands: Demands
}

const noOwners: readonly string[] = []
const ruleNames = ['owner', 'scope', 'role', 'impersonation']

/** A request that matched no route: it is 404, with a token or without. */
export const unknownPath: RouteRule = {
  access: 'public',
  why: 'no such route',
  where: 'router',
  owners: noOwners,
  opens: null,
  demands: null
}

/** @fastify/cors' own `OPTIONS *`: it responds to preflights, and with 404 to everything else. */
export const preflightRoute: RouteRule = {
  access: 'public',
  why: 'the preflight route of @fastify/cors',
  where: '@fastify/cors',
  owners: noOwners,
  opens: null,
  demands: null
}

/** Closed to everyone: the start is refused anyhow, and no route has a parameter without a name. */
function closed (mistake: string): RouteRule {
  return { access: 'owner', why: mistake, where: 'config.auth', owners: [''], opens: null, demands: null, mistake }
}

function findMistake (auth: unknown, names: string[], url: string): string | null {
  if (auth === null || typeof auth !== 'object' || Array.isArray(auth)) {
    const near = typeof auth === 'string' ? didYouMean(auth, ['optional']) : ''
    return `config.auth of ${url} must be true, false, "optional" or { owner, scope, role, impersonation }, got ${inspect(auth)}.${near}`
  }
  const unknown = describeUnknownKey(auth, ruleNames, { of: `config.auth of ${url}` })
  if (unknown !== undefined) return unknown
  const { owner } = auth as { owner?: unknown }
  if (owner === undefined || owner === false) return null
  for (const name of [owner].flat() as unknown[]) {
    if (typeof name !== 'string') {
      return `config.auth.owner of ${url} must be a parameter's name, a list of them or false, got ${inspect(owner)}.`
    }
    if (!names.includes(name)) {
      return `config.auth of ${url} names the owner parameter "${name}", and the URL has ${names.length > 0 ? names.join(', ') : 'no parameter'}.${didYouMean(name, names)}`
    }
  }
  return null
}

/**
 * Decides who may pass a route, from its own URL and config, never from a request's URL.
 * What the route says of itself goes before `publicPaths`, and naming the hook means wanting it.
 * A `config.auth` that cannot be obeyed closes the route and is described in `mistake`.
 */
export function decideRule (facts: RouteFacts, policy: RulePolicy): RouteRule {
  const rule = decideForUser(facts, policy)
  if (rule.access === 'public' || rule.mistake !== undefined || asksForNoOwner(facts.auth)) return rule
  const names = paramNames(facts.url)
  const organizations = policy.organizationParams?.filter((name) => names.includes(name)) ?? []
  if (organizations.length === 0) return rule
  const why = `${organizations.join(', ')} must be the active organization`
  return {
    ...rule,
    ...(rule.access === 'token' && { access: 'owner' }),
    ...(rule.where === 'default' ? { why, where: 'organization.params' } : { why: `${rule.why}; ${why}` }),
    organizations
  }
}

function asksForNoOwner (auth: RouteAuth | undefined): boolean {
  const owner = typeof auth === 'object' ? auth.owner : undefined
  return owner === false || (Array.isArray(owner) && owner.length === 0)
}

function decideForUser ({ url, auth, namesHook }: RouteFacts, policy: RulePolicy): RouteRule {
  const names = paramNames(url)
  const listed = policy.ownerParams.filter((name) => names.includes(name))

  if (auth === false) {
    if (namesHook) return closed(`${url} has config: { auth: false } and names app.verifyToken: leave one of them out.`)
    return {
      access: 'public',
      why: 'config.auth is false',
      where: 'config.auth',
      owners: noOwners,
      opens: null,
      demands: null
    }
  }
  const { demands } = policy
  if (auth === 'optional') {
    return {
      access: 'optional',
      why: 'config.auth is "optional"',
      where: 'config.auth',
      owners: listed,
      opens: null,
      demands
    }
  }
  if (auth !== undefined) return decideByRules(auth === true ? {} : auth, { names, listed, namesHook, url }, policy)
  const open = namesHook ? null : underPublicPath(url, policy.publicPaths)
  if (open === null) return needsToken(listed, namesHook, demands)
  if (open.opens === null) {
    return { access: 'public', why: open.why, where: 'publicPaths', owners: noOwners, opens: null, demands: null }
  }
  return { ...needsToken(listed, false, demands), why: open.why, where: 'publicPaths', opens: open.opens }
}

interface RouteNames { names: string[], listed: string[], namesHook: boolean, url: string }

function decideByRules (
  rules: RouteAuthRules,
  { names, listed, namesHook, url }: RouteNames,
  policy: RulePolicy
): RouteRule {
  const mistake = findMistake(rules, names, url)
  if (mistake !== null) return closed(mistake)
  let demands
  try {
    demands = parseDemands(rules, url, policy.demands)
  } catch (error) {
    return closed(`${(error as Error).message}.`)
  }
  const rule = { where: 'config.auth', owners: noOwners, opens: null, demands } as const
  if (rules.owner === undefined) {
    if (listed.length > 0 || namesHook) return needsToken(listed, namesHook, demands)
    return { ...rule, access: 'token', why: 'config.auth asks for a token' }
  }
  const owners = rules.owner === false ? [] : [rules.owner].flat()
  if (owners.length === 0) return { ...rule, access: 'token', why: 'config.auth asks for no owner' }
  return { ...rule, access: 'owner', why: `config.auth: ${owners.join(', ')} must be the caller`, owners }
}

function needsToken (owners: readonly string[], namesHook: boolean, demands: Demands): RouteRule {
  const rule = { owners, opens: null, demands }
  if (owners.length > 0) {
    return { ...rule, access: 'owner', why: `${owners.join(', ')} must be the caller`, where: 'ownerParams' }
  }
  if (namesHook) return { ...rule, access: 'token', why: 'the route names app.verifyToken', where: 'route hook' }
  return { ...rule, access: 'token', why: 'no rule opens it', where: 'default' }
}

interface Opening { why: string, opens: ((rawUrl: string) => boolean) | null }

/** Whether public paths reach a route, wholly or, under a wildcard, for some of its requests. */
export function underPublicPath (url: string, publicPaths: PublicPath[]): Opening | null {
  const segments = toSegments(url)
  if (!url.endsWith('*')) {
    const found = publicPaths.find((entry) => isAtOrBelow(segments, entry.segments))
    return found === undefined ? null : { why: `at or below the public path ${found.path}`, opens: null }
  }
  // Fixed segments are the router's business and compare with the route; those the wildcard takes
  // compare with the request, character for character.
  const fixed = segments.slice(0, -1)
  const start = (segments.at(-1) as string).slice(0, -1)
  const reachable = publicPaths.filter(
    ({ segments: path }) =>
      isAtOrBelow(fixed, path) || (isAtOrBelow(path, fixed) && path[fixed.length]?.startsWith(start))
  )
  if (reachable.length === 0) return null
  const rests = reachable.map(({ segments: path }) => path.slice(fixed.length))
  return {
    why: `plain paths at or below the public path ${reachable.map(({ path }) => path).join(', ')} are open; no rule opens the rest`,
    opens: (rawUrl) => {
      const requested = toPlainSegments(rawUrl)?.slice(fixed.length)
      return requested !== undefined && rests.some((rest) => isAtOrBelow(requested, rest))
    }
  }
}
