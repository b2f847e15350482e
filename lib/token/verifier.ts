import { AuthIntegrationError } from '../errors.js'
import { invalidToken } from './challenge.js'
import { checkClaims } from './claims.js'
import type { CheckedClaims } from './claims.js'
import { createHeaderReader } from './compact-jws.js'
import type { JwsHeader } from './compact-jws.js'
import type { TokenFamily } from './family.js'
import type { VerificationKey } from './verification-key.js'

/** A token that passed, with what its later uses depend on. */
export interface GenuineToken extends CheckedClaims {
  readonly family: TokenFamily
  readonly key: VerificationKey
}

/** Verifies one token; `now` is in milliseconds. Without a promise unless keys have to be fetched. */
export type Verify = (token: string, now: number) => GenuineToken | Promise<GenuineToken>

/**
 * Composes the verifier. The header's `alg` chooses between the configured families and nothing else: a token is
 * never tried in a second one (RFC 8725 sections 3.1 and 3.2). Every failure leaves as one of our errors.
 */
export function createVerifier (families: readonly TokenFamily[]): Verify {
  const readHeader = createHeaderReader()

  function finish (token: string, header: JwsHeader, family: TokenFamily, keys: readonly VerificationKey[], now: number): GenuineToken {
    try {
      for (const key of keys) {
        const payload = key.payloadOf(token, header.alg)
        if (payload === undefined) continue
        const { verified, expiresAt } = checkClaims(payload, family.rules, now)
        return { verified, expiresAt, family, key }
      }
    } catch (error) {
      throw asTokenError(error)
    }
    throw invalidToken('signature')
  }

  return function verify (token, now) {
    let header, family, keys
    try {
      header = readHeader(token)
      const { alg, typ } = header
      family = families.find(({ algorithms }) => algorithms.has(alg))
      if (family === undefined) throw invalidToken('alg')
      if (typ !== undefined && !family.types.has(typ)) throw invalidToken('typ')
      keys = family.keysFor(header)
    } catch (error) {
      throw asTokenError(error)
    }
    if (!(keys instanceof Promise)) return finish(token, header, family, keys, now)
    return finishLater(token, header, family, keys)
  }

  async function finishLater (token: string, header: JwsHeader, family: TokenFamily, keys: Promise<readonly VerificationKey[]>): Promise<GenuineToken> {
    return finish(token, header, family, await keys, Date.now())
  }
}

// Nothing a client sends may become a 5xx: what is not foreseen is a token that could not be verified.
function asTokenError (error: unknown): AuthIntegrationError {
  return error instanceof AuthIntegrationError ? error : invalidToken('unverifiable', error)
}
