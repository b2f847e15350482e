import { AuthIntegrationError } from '../errors.js'
import { invalidToken } from './challenge.js'
import { checkClaims } from './claims.js'
import type { CheckedClaims } from './claims.js'
import { createJwsReader } from './compact-jws.js'
import type { CompactJws } from './compact-jws.js'
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
  const readJws = createJwsReader()

  function finish (jws: CompactJws, family: TokenFamily, keys: readonly VerificationKey[], now: number): GenuineToken {
    try {
      for (const key of keys) {
        if (!key.signed(jws)) continue
        const { verified, expiresAt } = checkClaims(parsePayload(jws), family.rules, now, jws.header.typ)
        return { verified, expiresAt, family, key }
      }
    } catch (error) {
      throw asTokenError(error)
    }
    throw invalidToken('signature')
  }

  return function verify (token, now) {
    let jws, family, keys
    try {
      jws = readJws(token)
      const { alg, typ } = jws.header
      family = families.find(({ algorithms }) => algorithms.has(alg))
      if (family === undefined) throw invalidToken('alg')
      if (typ !== undefined && !family.types.has(typ)) throw invalidToken('typ')
      keys = family.keysFor(jws.header)
    } catch (error) {
      throw asTokenError(error)
    }
    if (!(keys instanceof Promise)) return finish(jws, family, keys, now)
    return finishLater(jws, family, keys)
  }

  async function finishLater (
    jws: CompactJws,
    family: TokenFamily,
    keys: Promise<readonly VerificationKey[]>
  ): Promise<GenuineToken> {
    return finish(jws, family, await keys, Date.now())
  }
}

function parsePayload ({ payload }: CompactJws): unknown {
  try {
    return JSON.parse(payload.toString('utf8'))
  } catch (error) {
    throw invalidToken('payload_malformed', error)
  }
}

// Nothing a client sends may become a 5xx: what is not foreseen is a token that could not be verified.
function asTokenError (error: unknown): AuthIntegrationError {
  return error instanceof AuthIntegrationError ? error : invalidToken('unverifiable', error)
}
