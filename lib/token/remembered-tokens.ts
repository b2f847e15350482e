import type { GenuineToken } from './verifier.js'

/** Tokens that verified before, found by the whole `Authorization` value. */
export interface RememberedTokens {
  /** The token, while its `exp` and its key still hold at `now` (milliseconds). */
  find (authorization: string, now: number): GenuineToken | undefined
  /** Takes note of a token that verified; it is kept from its second sight on. */
  note (authorization: string, token: GenuineToken): void
  /** How many are kept now. */
  readonly size: number
}

const sightings = 8192

/**
 * Keeps at most `limit` tokens, in two generations of half that: a full young one becomes the old one, and what is
 * used in the old one moves up. Keeping a token that never comes back costs more than verifying it, hence
 * a fixed table of marks for tokens seen once.
 */
export function createRememberedTokens (limit = 10_000): RememberedTokens {
  const half = Math.max(1, Math.floor(limit / 2))
  const seenOnce = new Int32Array(sightings)
  let young = new Map<string, GenuineToken>()
  let old = new Map<string, GenuineToken>()

  function keep (authorization: string, token: GenuineToken): void {
    if (young.size >= half) {
      old = young
      young = new Map()
    }
    young.set(authorization, token)
  }

  return {
    get size () {
      return young.size + old.size
    },
    find (authorization, now) {
      let token = young.get(authorization)
      if (token === undefined) {
        token = old.get(authorization)
        if (token === undefined) return undefined
        old.delete(authorization)
        keep(authorization, token)
      }
      if (now < token.expiresAt && token.key.held && token.family.isFresh(now)) return token
      young.delete(authorization)
      return undefined
    },
    note (authorization, token) {
      const mark = markOf(authorization)
      const slot = mark & (sightings - 1)
      if (seenOnce[slot] === mark) keep(authorization, token)
      else seenOnce[slot] = mark
    }
  }
}

// The tail of the value is the signature, which nobody but the issuer chooses; a collision only means that a token is
// kept at first sight.
function markOf (authorization: string): number {
  let mark = 17
  for (let i = Math.max(0, authorization.length - 16); i < authorization.length; i++) {
    mark = Math.imul(mark, 31) + authorization.charCodeAt(i) | 0
  }
  return mark
}
