import type { GenuineToken } from './verifier.js'

/** Tokens that verified before, found by the whole `Authorization` value. */
export interface TokenCache {
  /** The token, while its `exp` and its key still hold at `now` (milliseconds). */
  find (authorization: string, now: number): GenuineToken | undefined
  /** Takes note of a token that verified; it is kept from its second sight on. */
  note (authorization: string, token: GenuineToken): void
  /** How many are kept now. */
  readonly size: number
}

interface Kept {
  readonly authorization: string
  readonly token: GenuineToken
}

const sightings = 8192

/**
 * Keeps at most `limit` tokens, in two generations of half that: a full young one becomes the old one, and what is
 * used in the old one moves up. Keeping a token that never comes back costs more than verifying it, hence
 * a fixed table of fingerprints for tokens seen once.
 *
 * They are filed by their fingerprint, and the whole value is compared: a Map of the values themselves hashes each of
 * some 400 characters, which costs more than all else on this way. Of two values with one fingerprint the later is
 * kept.
 */
export function createTokenCache (limit = 10_000): TokenCache {
  const half = Math.max(1, Math.floor(limit / 2))
  const seenOnce = new Int32Array(sightings)
  let young = new Map<number, Kept>()
  let old = new Map<number, Kept>()

  function keep (fingerprint: number, kept: Kept): void {
    if (young.size >= half) {
      old = young
      young = new Map()
    }
    young.set(fingerprint, kept)
  }

  function moveUp (fingerprint: number, authorization: string): Kept | undefined {
    const kept = old.get(fingerprint)
    if (kept?.authorization !== authorization) return undefined
    old.delete(fingerprint)
    keep(fingerprint, kept)
    return kept
  }

  return {
    get size () {
      return young.size + old.size
    },
    find (authorization, now) {
      const fingerprint = fingerprintOf(authorization)
      let kept = young.get(fingerprint)
      if (kept?.authorization !== authorization) {
        kept = moveUp(fingerprint, authorization)
        if (kept === undefined) return undefined
      }
      const { token } = kept
      if (now < token.expiresAt && token.key.held && token.family.isFresh(now)) return token
      young.delete(fingerprint)
      return undefined
    },
    note (authorization, token) {
      const fingerprint = fingerprintOf(authorization)
      const slot = fingerprint & (sightings - 1)
      if (seenOnce[slot] === fingerprint) keep(fingerprint, { authorization, token })
      else seenOnce[slot] = fingerprint
    }
  }
}

// The tail of the value is the signature, which nobody but the issuer chooses; a collision only means that a token is
// kept at first sight, or verified once more.
function fingerprintOf (authorization: string): number {
  let fingerprint = 17
  for (let i = Math.max(0, authorization.length - 16); i < authorization.length; i++) {
    fingerprint = Math.imul(fingerprint, 31) + authorization.charCodeAt(i) | 0
  }
  return fingerprint
}
