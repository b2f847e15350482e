import { constants, createHmac, createSecretKey, timingSafeEqual, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { invalidToken } from './challenge.js'
import type { CompactJws } from './compact-jws.js'

/** One key that signatures are checked with. */
export interface VerificationKey {
  /** `false` once the issuer has withdrawn it; the token cache looks here. */
  held: boolean
  /**
   * Whether this key signed the token with the algorithm its header names.
   * @throws {errors.InvalidToken} when the signature is not the question
   */
  signed (jws: CompactJws): boolean
}

/** Makes the HS256 key of a secret's bytes (RFC 7518 section 3.2). */
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

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const pkcs1 = { padding: constants.RSA_PKCS1_PADDING }
const concatenated = { dsaEncoding: 'ieee-p1363' } as const

/**
 * How each algorithm is verified: RFC 7518 sections 3.3 to 3.5; RFC 8037 section 3.1 and RFC 9864 for Edwards curves.
 */
const methods = {
  RS256: { hash: 'sha256', options: pkcs1 },
  RS384: { hash: 'sha384', options: pkcs1 },
  RS512: { hash: 'sha512', options: pkcs1 },
  PS256: { hash: 'sha256', options: pss },
  PS384: { hash: 'sha384', options: pss },
  PS512: { hash: 'sha512', options: pss },
  ES256: { hash: 'sha256', options: concatenated },
  ES384: { hash: 'sha384', options: concatenated },
  ES512: { hash: 'sha512', options: concatenated },
  EdDSA: { hash: null, options: {} },
  Ed25519: { hash: null, options: {} },
  Ed448: { hash: null, options: {} }
}

/** An asymmetric algorithm, as `alg` names it. */
export type Algorithm = keyof typeof methods

/** Makes a key for the listed algorithms; the caller has made sure that they are the key's. */
export function createPublicVerificationKey (key: KeyObject, algorithms: readonly Algorithm[]): VerificationKey {
  // Made once: each verification takes the KeyObject as it is, and nothing is parsed for it.
  const prepared = new Map<string, { hash: string | null, input: Parameters<typeof verify>[2] }>(
    algorithms.map((name) => [name, { hash: methods[name].hash, input: { key, ...methods[name].options } }]))
  return {
    held: true,
    signed ({ header, signingInput, signature }) {
      const method = prepared.get(header.alg)
      if (method === undefined) throw invalidToken('alg')
      return verify(method.hash, Buffer.from(signingInput, 'latin1'), method.input, Buffer.from(signature, 'base64url'))
    }
  }
}
