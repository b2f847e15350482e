import { inspect } from 'node:util'
import { errors, type AuthIntegrationError } from '../errors.js'
import type { RouteAuthRules, VerifiedToken } from '../types.js'

/** What a route asks of a token beside its user. */
export interface Demands {
  /**
   * All of them; empty for none, and then an access token passes; `undefined` where nobody said what access tokens may
   * do.
   */
  scopes: readonly string[] | undefined
  /** One of them; empty for none. */
  roles: readonly string[]
  roleClaim: string
  impersonation: boolean
}

// RFC 6749 section 3.3. The characters matter: a scope stands between quotes in a header.
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * Reads a scope: space-separated, or a list; all of them are needed.
 * @throws {TypeError} under the name it was given by
 */
export function parseScope (name: string, option: unknown): readonly string[] | undefined {
  if (option === undefined) return undefined
  if (option === false) return []
  const scopes = [option].flat().flatMap((scope) => typeof scope === 'string' ? scope.split(' ') : [scope])
  if (scopes.length === 0 || !scopes.every((scope) => typeof scope === 'string' && scopeToken.test(scope))) {
    throw new TypeError(
      `${name} must be a scope such as "tasks:read", a list of them (all are needed) or false, got ${inspect(option)}`
    )
  }
  return scopes as string[]
}

/**
 * Reads a role, or a list of which one is needed.
 * @throws {TypeError} under the name it was given by
 */
export function parseRole (name: string, option: unknown): readonly string[] {
  if (option === undefined) return []
  const roles = [option].flat()
  if (
    roles.length === 0 ||
    !roles.every((role) => typeof role === 'string' && role.trim() !== '' && !/[\s,]/.test(role))
  ) {
    throw new TypeError(
      `${name} must be a role such as "admin", or a list of which one is needed, got ${inspect(option)}`
    )
  }
  return roles as string[]
}

/**
 * Reads what a route's `config.auth` asks; what it does not say, the plugin's options do.
 * @throws {TypeError} naming the route and what cannot be obeyed
 */
export function parseDemands (rules: RouteAuthRules, url: string, otherwise: Demands): Demands {
  const { impersonation } = rules
  if (impersonation !== undefined && typeof impersonation !== 'boolean') {
    throw new TypeError(`config.auth.impersonation of ${url} must be true or false, got ${inspect(impersonation)}`)
  }
  return {
    scopes: parseScope(`config.auth.scope of ${url}`, rules.scope) ?? otherwise.scopes,
    roles: parseRole(`config.auth.role of ${url}`, rules.role),
    roleClaim: otherwise.roleClaim,
    impersonation: impersonation ?? otherwise.impersonation
  }
}

const noScopeNamed =
  'An access token (at+jwt) acts for a client in some scope, and this route names none: ' +
  'give it config.auth.scope, or give the plugin a "scope", or scope: false to let one of any scope act as its whole user'

/** The 403 for a token that does not hold what a route asks, or `undefined`. */
export function refusalOf (
  { claims, scopes: held, isAccessToken, actor }: VerifiedToken,
  demands: Demands
): AuthIntegrationError | undefined {
  const { scopes, roles, roleClaim, impersonation } = demands
  if (scopes === undefined) {
    if (isAccessToken) return insufficientScope(noScopeNamed)
  } else if (!scopes.every((scope) => held.includes(scope))) {
    return insufficientScope(`scope: the route needs ${scopes.join(' ')}`, scopes)
  }
  if (
    roles.length > 0 &&
    !rolesOf(Object.hasOwn(claims, roleClaim) ? claims[roleClaim] : undefined).some((role) => roles.includes(role))
  ) {
    return new errors.Forbidden(undefined, { reason: `role: the route needs ${roles.join(' or ')}` })
  }
  if (!impersonation && actor !== undefined) {
    return new errors.Forbidden(undefined, { reason: 'impersonation: the token acts as the user for somebody else' })
  }
  return undefined
}

// RFC 6750 section 3.1.
function insufficientScope (reason: string, scopes: readonly string[] = []): AuthIntegrationError {
  const scope = scopes.length === 0 ? '' : `, scope="${scopes.join(' ')}"`
  return new errors.Forbidden(undefined, {
    reason,
    headers: { 'www-authenticate': `Bearer error="insufficient_scope"${scope}` }
  })
}

// Better Auth's admin and organization plugins separate by comma, others by space.
function rolesOf (claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(/[\s,]+/)
  return Array.isArray(claim) ? claim.filter((role) => typeof role === 'string') : []
}
