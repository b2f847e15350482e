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
  /** The ring after a refresh: known keys stay the same objects, withdrawn ones are no longer `held`. */
  replacedBy (keys: readonly PublishedKey[]): KeyRing
}

/** Makes a ring; without arguments an empty one. */
export function createKeyRing (keys: readonly PublishedKey[] = []): KeyRing {
  return {
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
      const next = new Map(published.map((key) => [key.identity, key]))
      for (const key of keys) {
        if (next.has(key.identity)) next.set(key.identity, key)
        else key.held = false
      }
      return createKeyRing([...next.values()])
    }
  }
}
