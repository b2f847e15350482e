import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { invalidToken } from './challenge.js'
import type { VerificationKey } from './verification-key.js'

/**
 * Makes the HS256 key of a secret (RFC 7518 section 3.2). Node's own HMAC and nothing around it: of a token that was never
 * seen, a JWT library parses once more what was parsed and checked here, at a third of the price of the whole request.
 */
export function createHs256Key (secret: string | Buffer): VerificationKey {
  const key = createSecretKey(typeof secret === 'string' ? Buffer.from(secret) : secret)
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
