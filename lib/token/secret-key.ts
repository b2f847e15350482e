import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { invalidToken } from './challenge.js'
import type { VerificationKey } from './verification-key.js'

/**
 * Makes the HS256 key of a secret's bytes (RFC 7518 section 3.2). With Node's own HMAC: a JWT library would parse header and payload
 * again.
 */
export function createHs256Key (secret: Buffer): VerificationKey {
  const key = createSecretKey(secret)
  return {
    held: true,
    signed ({ header, signingInput, signature }) {
      if (header.alg !== 'HS256') throw invalidToken('alg')
      // The spellings are compared, since each signature has only one.
      const expected = Buffer.from(createHmac('sha256', key).update(signingInput).digest('base64url'))
      const given = Buffer.from(signature)
      return given.length === expected.length && timingSafeEqual(given, expected)
    }
  }
}
