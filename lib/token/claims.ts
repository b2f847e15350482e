import { parseOrganization } from '../internal/organization.js'
import type { Claims, ScopeOptions, TokenOptions } from '../options.js'
import type { VerifiedToken } from '../types.js'
import { invalidToken, tokenExpired } from './challenge.js'
import { accessTokenType } from './compact-jws.js'
import { actorOf, refuseForeignGrants, scopesOf } from './grant.js'
import { optionalString, ownMember } from './json-members.js'

/** What the payload of one family of tokens must hold. */
export interface ClaimRules {
  readonly userIdClaim: string
  /** The claim of the active organization; `undefined` without the `organization` option. */
  readonly organizationClaim?: string | undefined
  readonly issuers: ReadonlySet<string> | undefined
  readonly audiences: ReadonlySet<string> | undefined
  /** Seconds. */
  readonly clockTolerance: number
  /** Better Auth's e-mail links are signed with the same secret and hold the claim that was named. */
  readonly refuseEmailLinks: boolean
}

/** A payload that passed, and the moment it stops doing so, in milliseconds since the epoch. */
export interface CheckedClaims {
  readonly verified: VerifiedToken
  readonly expiresAt: number
}

// ECMA-262 section 21.4.1.1: a Date reaches this far, in seconds. Beyond it a NumericDate names no moment.
const maxNumericDate = 8.64e12
// Seconds. Two clocks are never the same: an issuer's that is half a second ahead would make every other new token one
// of the future.
const clockSkew = 5
const unfitId = /[\0\p{Surrogate}]/u
const otherClaims: ReadonlySet<string> = new Set(['exp', 'nbf', 'iat', 'iss', 'aud'])
const emailLinkClaims: ReadonlySet<string> = new Set(['email', 'updateTo', 'userId', 'requestType'])

/**
 * Reads the options about claims.
 * @throws {TypeError} naming the option and what it takes
 */
export function parseClaimRules (
  options: TokenOptions & Pick<ScopeOptions, 'organization'>, family: 'secret' | 'keySet'
): ClaimRules {
  const { userIdClaim = family === 'secret' ? 'user_id' : 'sub', clockTolerance = 0 } = options
  if (typeof userIdClaim !== 'string' || userIdClaim.trim() === '') {
    throw new TypeError('"userIdClaim" must be the name of the one claim that holds the user id')
  }
  if (otherClaims.has(userIdClaim)) {
    throw new TypeError(
      `"userIdClaim" must name the claim that holds the user id, and "${userIdClaim}" holds a time, the issuer or the audience (RFC 7519 section 4.1)`
    )
  }
  const organizationClaim = parseOrganization(options.organization)?.claim
  if (organizationClaim !== undefined && (organizationClaim === userIdClaim || otherClaims.has(organizationClaim))) {
    throw new TypeError(
      `"organization.claim" must name the claim that holds the active organization, and "${organizationClaim}" holds ` +
      (organizationClaim === userIdClaim ? 'the user id' : 'a time, the issuer or the audience')
    )
  }
  if (!Number.isFinite(clockTolerance) || clockTolerance < 0) {
    throw new TypeError('"clockTolerance" must be a number of seconds, 0 or more')
  }
  return {
    userIdClaim,
    organizationClaim,
    clockTolerance,
    issuers: parseAccepted('issuer', options.issuer),
    audiences: parseAccepted('audience', options.audience),
    refuseEmailLinks: family === 'secret' && emailLinkClaims.has(userIdClaim)
  }
}

function parseAccepted (name: string, option: string | string[] | undefined): ReadonlySet<string> | undefined {
  if (option === undefined) return undefined
  const values = Array.isArray(option) ? option : [option]
  if (values.length === 0 || values.some((value) => typeof value !== 'string' || value === '')) {
    throw new TypeError(`"${name}" must be a non-empty string or a list of them; leave it out to accept any`)
  }
  return new Set(values)
}

/**
 * Checks a payload whose signature is good (RFC 7519 section 4.1); `exp` comes last, so that only a token without
 * any other fault is called expired.
 * @param typ the header's media type, as `JwsHeader` has it
 * @throws {errors.InvalidToken} with the claim as its reason, or {@link errors.TokenExpired}
 */
export function checkClaims (payload: unknown, rules: ClaimRules, now: number, typ?: string): CheckedClaims {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) throw invalidToken('payload_malformed')
  const claims = payload as Record<string, unknown>
  const exp = numericDate(claims, 'exp')
  if (exp === undefined) throw invalidToken('exp')
  const latest = now + (rules.clockTolerance + clockSkew) * 1000
  const nbf = numericDate(claims, 'nbf')
  if (nbf !== undefined && nbf * 1000 > latest) throw invalidToken('not_yet_valid')
  const iat = numericDate(claims, 'iat')
  if (iat !== undefined && iat * 1000 > latest) throw invalidToken('issued_in_the_future')
  const iss = optionalString(claims, 'iss')
  if (rules.issuers !== undefined && (iss === undefined || !rules.issuers.has(iss))) throw invalidToken('iss')
  checkAudience(ownMember(claims, 'aud'), rules.audiences)
  optionalString(claims, 'sub')
  optionalString(claims, 'jti')
  const userId = ownMember(claims, rules.userIdClaim)
  if (typeof userId !== 'string' || userId.trim() === '' || unfitId.test(userId)) throw invalidToken('user_id')
  refuseForeignGrants(claims, rules.userIdClaim)
  const { organizationClaim } = rules
  const organization = organizationClaim === undefined ? undefined : organizationOf(claims, organizationClaim)
  if (rules.refuseEmailLinks && Object.hasOwn(claims, 'email')) throw invalidToken('email_link')
  const expiresAt = (exp + rules.clockTolerance) * 1000
  if (now >= expiresAt) throw tokenExpired()
  deepFreeze(claims)
  const scopes = Object.freeze(scopesOf(claims))
  const isAccessToken = typ === accessTokenType
  return {
    verified: Object.freeze({
      userId, claims: claims as Claims, scopes, isAccessToken, actor: actorOf(claims), ...organization
    }),
    expiresAt
  }
}

// Issuers write null where no organization is active.
function organizationOf (claims: Record<string, unknown>, claim: string): Pick<VerifiedToken, 'organizationId'> {
  const organizationId = ownMember(claims, claim) ?? null
  if (organizationId === null) return { organizationId }
  if (typeof organizationId === 'string' && organizationId.trim() !== '' && !unfitId.test(organizationId)) {
    return { organizationId }
  }
  throw invalidToken('organization')
}

function numericDate (claims: Record<string, unknown>, name: string): number | undefined {
  const value = ownMember(claims, name)
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !(Math.abs(value) <= maxNumericDate)) throw invalidToken(name)
  return value
}

function checkAudience (aud: unknown, accepted: ReadonlySet<string> | undefined): void {
  if (aud === undefined && accepted === undefined) return
  const values: unknown[] = Array.isArray(aud) ? aud : [aud]
  if (values.some((value) => typeof value !== 'string')) throw invalidToken('aud')
  if (accepted !== undefined && !values.some((value) => accepted.has(value as string))) throw invalidToken('aud')
}

// A loop and not a recursion: 8 KiB of brackets nest deeper than is wise to call.
function deepFreeze (root: object): void {
  const open: object[] = [root]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const value of Object.values(next)) {
      if (typeof value === 'object' && value !== null) open.push(value)
    }
    Object.freeze(next)
  }
}
