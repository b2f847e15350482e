import { createVerifier, TokenError } from 'fast-jwt'
import type { Algorithm } from 'fast-jwt'
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

/**
 * Makes a key for the listed algorithms from the PEM of a public key. The signature is fast-jwt's work; the claims are
 * checked by our own rules afterwards, hence its clock is switched off.
 */
export function createVerificationKey (pem: string, algorithms: readonly Algorithm[]): VerificationKey {
  const verifiers = new Map(algorithms.map((algorithm) => [algorithm as string, createVerifier({
    key: pem, algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true
  })]))
  return {
    held: true,
    signed ({ token, header }) {
      const verify = verifiers.get(header.alg)
      if (verify === undefined) throw invalidToken('alg')
      try {
        verify(token)
        return true
      } catch (error) {
        if (isSignatureFault(error)) return false
        throw invalidToken(payloadFaults.has(codeOf(error)) ? 'payload_malformed' : 'unverifiable', error)
      }
    }
  }
}

const { codes } = TokenError
const signatureFaults: ReadonlySet<unknown> = new Set([codes.invalidSignature, codes.missingSignature, codes.verifyError])
const payloadFaults: ReadonlySet<unknown> = new Set([codes.malformed, codes.invalidPayload])

function isSignatureFault (error: unknown): boolean {
  return signatureFaults.has(codeOf(error))
}

function codeOf (error: unknown): unknown {
  return error instanceof TokenError ? error.code : undefined
}
