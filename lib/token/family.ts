import type { ClaimRules } from './claims.js'
import { createVerificationKey } from './verification-key.js'
import type { VerificationKey } from './verification-key.js'
import type { JwsHeader } from './compact-jws.js'

/** Tokens of one origin: what they may look like, and the keys that may have signed them. */
export interface TokenFamily {
  readonly algorithms: ReadonlySet<string>
  readonly types: ReadonlySet<string>
  readonly rules: ClaimRules
  /** The keys to try, best first; a promise where they have to be fetched. `now` is in milliseconds. */
  keysFor (header: JwsHeader, now: number): readonly VerificationKey[] | Promise<readonly VerificationKey[]>
  /** Called for each use of a remembered token: may the family's keys still be relied on? */
  isFresh (now: number): boolean
}

/** The HS256 family: every listed secret is tried, the current one first. */
export function createSecretFamily (secrets: readonly string[], rules: ClaimRules): TokenFamily {
  const keys = secrets.map((secret) => createVerificationKey(secret, ['HS256']))
  return {
    algorithms: new Set(['HS256']),
    types: new Set(['JWT']),
    rules,
    keysFor: () => keys,
    isFresh: () => true
  }
}
