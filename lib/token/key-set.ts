import { invalidToken, keySetUnavailable } from './challenge.js'
import type { JwsHeader } from './compact-jws.js'
import { createKeyRing } from './key-ring.js'
import type { KeySetSettings } from './key-set-options.js'
import { readPublishedKeys } from './published-keys.js'
import type { PublishedKey } from './published-keys.js'
import type { VerificationKey } from './verification-key.js'

/** The issuer's key set over time. */
export interface KeySet {
  /** The key for a token; fetches when none is held or the `kid` is unknown. */
  keysFor (header: JwsHeader): readonly VerificationKey[] | Promise<readonly VerificationKey[]>
  /** Whether the keys held may still be used at `now` (milliseconds); starts a refresh in the background when due. */
  isFresh (now: number): boolean
  /** Gives up a fetch that is under way. */
  close (): void
}

/**
 * Holds a key set that is fetched with the first token, refreshed in the background while it is used, and kept through
 * an outage for `maxStale`. There is never more than one fetch under way, and after a failed one, or one that an
 * unknown `kid` asked for in vain, there is no other for `cooldown`.
 */
export function createKeySet (settings: KeySetSettings, onFailure: (error: unknown) => void): KeySet {
  const { load: loadKeys, refreshInterval, cooldown, timeout, maxStale } = settings
  let ring = createKeyRing()
  let goodAt = Number.NEGATIVE_INFINITY
  let refreshAt = Number.NEGATIVE_INFINITY
  let failedUntil = Number.NEGATIVE_INFINITY
  let unknownUntil = Number.NEGATIVE_INFINITY
  let fetching: Promise<void> | undefined
  let failure: unknown
  let abort: AbortController | undefined

  async function load (): Promise<void> {
    const controller = abort = new AbortController()
    const late = new Error(`The key set took longer than ${timeout / 1000} seconds`)
    const timer = setTimeout(() => controller.abort(late), timeout)
    try {
      ring = ring.replacedBy(readPublishedKeys(await loadKeys(controller.signal)))
      goodAt = Date.now()
      refreshAt = goodAt + refreshInterval
      failedUntil = Number.NEGATIVE_INFINITY
    } catch (error) {
      failure = error
      failedUntil = refreshAt = Date.now() + cooldown
      onFailure(error)
    } finally {
      clearTimeout(timer)
      controller.abort()
      fetching = undefined
    }
  }

  function fetchOnce (): Promise<void> {
    fetching ??= load()
    return fetching
  }

  // A clock that was set back must not stretch a cooldown.
  function isCooling (until: number, now: number): boolean {
    return now < until && until - now <= cooldown
  }

  function isUsable (now: number): boolean {
    return now - goodAt <= maxStale
  }

  function isFresh (now: number): boolean {
    if (!isUsable(now)) return false
    if ((now >= refreshAt || now < goodAt) && !isCooling(failedUntil, now)) fetchOnce().catch(onFailure)
    return true
  }

  async function keysAfterFetch (header: JwsHeader): Promise<readonly VerificationKey[]> {
    await fetchOnce()
    const now = Date.now()
    if (!isUsable(now)) throw keySetUnavailable('key_set_unavailable', (failedUntil - now) / 1000, failure)
    const key = ring.find(header)
    if (key !== undefined) return [key]
    unknownUntil = now + cooldown
    throw invalidToken('kid_unknown')
  }

  return {
    keysFor (header) {
      const now = Date.now()
      const usable = isFresh(now)
      const key = usable ? ring.find(header) : undefined
      if (key !== undefined) return [key]
      if (fetching === undefined) {
        if (!usable && isCooling(failedUntil, now)) {
          throw keySetUnavailable('key_set_unavailable', (failedUntil - now) / 1000, failure)
        }
        if (usable && (isCooling(failedUntil, now) || isCooling(unknownUntil, now))) throw invalidToken('kid_unknown')
      }
      return keysAfterFetch(header)
    },
    isFresh,
    close () {
      abort?.abort(new Error('The app is closing'))
    }
  }
}

/** A key set that was given whole: there is nothing to fetch, and an unknown `kid` is one for good. */
export function createGivenKeySet (keys: readonly PublishedKey[]): KeySet {
  const ring = createKeyRing(keys)
  return {
    keysFor (header) {
      const key = ring.find(header)
      if (key === undefined) throw invalidToken('kid_unknown')
      return [key]
    },
    isFresh: () => true,
    close () {}
  }
}
