import { invalidToken } from './challenge.js'
import type { JwsHeader } from './compact-jws.js'
import type { PublishedKey } from './published-keys.js'

/** The keys held, found by what a token's header says. */
export interface KeyRing {
  /**
   * The one key for this header, or `undefined`.
   * @throws {errors.InvalidToken} when several fit: which one is meant is not for us to guess
   */
  find (header: JwsHeader): PublishedKey | undefined
  /**
   * The ring after a refresh: itself when the same keys are published. Otherwise none of its keys is `held` any more,
   * the known ones included: beside a new key a cached token's own may no longer be the only one that fits.
   */
  replacedBy (keys: readonly PublishedKey[]): KeyRing
}

/** Makes a ring; without arguments an empty one. */
export function createKeyRing (keys: readonly PublishedKey[] = []): KeyRing {
  const ring: KeyRing = {
    find ({ alg, kid }) {
      let found: PublishedKey | undefined
      for (const key of keys) {
        // A token may leave `kid` out where only one key fits (RFC 7515 section 4.1.4).
        if ((kid !== undefined && key.kid !== kid) || !key.algorithms.has(alg)) continue
        if (found !== undefined) throw invalidToken('kid_ambiguous')
        found = key
      }
      return found
    },
    replacedBy (published) {
      const identities = new Set(published.map(({ identity }) => identity))
      if (identities.size === keys.length && keys.every(({ identity }) => identities.has(identity))) return ring
      for (const key of keys) key.held = false
      return createKeyRing(published)
    }
  }
  return ring
}
