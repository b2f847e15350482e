import type { ClaimRules } from './claims.js'
import { accessTokenType, type JwsHeader } from './compact-jws.js'
import type { KeySet } from './key-set.js'
import { keySetAlgorithms } from './published-keys.js'
import { createHs256Key, type VerificationKey } from './verification-key.js'

/** Tokens of one origin: what they may look like, and the keys that may have signed them. */
export interface TokenFamily {
  readonly algorithms: ReadonlySet<string>
  /** Media types that `typ` may name, as {@link JwsHeader} has them. */
  readonly types: ReadonlySet<string>
  readonly rules: ClaimRules
  /** The keys to try, best first; a promise where they have to be fetched. */
  keysFor (header: JwsHeader): readonly VerificationKey[] | Promise<readonly VerificationKey[]>
  /** Asked for each use of a cached token at `now` (milliseconds): may the family's keys still be relied on? */
  isFresh (now: number): boolean
}

/** The HS256 family: every listed secret is tried, the current one first. */
export function createSecretFamily (secrets: readonly string[], rules: ClaimRules): TokenFamily {
  const keys = secrets.map((secret) => createHs256Key(Buffer.from(secret)))
  return {
    algorithms: new Set(['HS256']),
    types: new Set(['jwt']),
    rules,
    keysFor: () => keys,
    isFresh: () => true
  }
}

/** The asymmetric family: the header's `kid` and `alg` choose one key of the issuer's set. */
export function createKeySetFamily (keySet: KeySet, rules: ClaimRules): TokenFamily {
  return {
    algorithms: keySetAlgorithms,
    // RFC 9068 section 4 for the latter. No other type, such as `okta-internal-at+jwt`, which Okta's own APIs take:
    // what a type says is whom a token is for (RFC 8725 section 3.11).
    types: new Set(['jwt', accessTokenType]),
    rules,
    keysFor: (header) => keySet.keysFor(header),
    isFresh: (now) => keySet.isFresh(now)
  }
}
