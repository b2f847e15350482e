import { errors } from '../errors.js'
import type { AuthIntegrationError } from '../errors.js'

// Both are constants, so nothing a client sends can reach a header (RFC 6750 section 3).
const bare = Object.freeze({ 'www-authenticate': 'Bearer' })
const invalid = Object.freeze({ 'www-authenticate': 'Bearer error="invalid_token"' })

/** 401 `Missing token`, challenge `Bearer`: no credentials of ours were sent (RFC 6750 section 3.1). */
export function missingToken (reason: string): AuthIntegrationError {
  return new errors.MissingToken(undefined, { reason, headers: bare })
}

/** 401 `Invalid token`, challenge `Bearer error="invalid_token"`; `cause` reaches the log only. */
export function invalidToken (reason: string, cause?: unknown): AuthIntegrationError {
  return new errors.InvalidToken(undefined, { reason, headers: invalid, cause })
}

/** 401 `Token expired`, said only of a genuine token with no other fault. */
export function tokenExpired (): AuthIntegrationError {
  return new errors.TokenExpired(undefined, { reason: 'expired', headers: invalid })
}

/** 401 `Invalid token` for a genuine token for which `isRevoked` returned `true`. */
export function tokenRevoked (): AuthIntegrationError {
  return new errors.TokenRevoked(undefined, { reason: 'revoked', headers: invalid })
}

/** 503 with `Retry-After` in whole seconds, at least 1 (RFC 9110 section 10.2.3). */
export function keySetUnavailable (reason: string, retryAfter: number, cause?: unknown): AuthIntegrationError {
  return new errors.KeySetUnavailable(undefined, { reason, headers: retryIn(retryAfter), cause })
}

/** 503 with `Retry-After`: `isRevoked` gave no result, so the token is not let in. */
export function revocationUnavailable (reason: string, cause?: unknown): AuthIntegrationError {
  return new errors.RevocationUnavailable(undefined, { reason, headers: retryIn(1), cause })
}

function retryIn (seconds: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }
}
