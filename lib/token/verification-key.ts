import { createVerifier, TokenError } from 'fast-jwt'
import type { Algorithm } from 'fast-jwt'
import { invalidToken } from './challenge.js'

/** One key that signatures are checked with. */
export interface VerificationKey {
  /** `false` once the issuer has withdrawn it; remembered tokens look here. */
  held: boolean
  /**
   * The payload of a token this key signed, or `undefined` when it did not.
   * @throws {errors.InvalidToken} when the signature is not the question
   */
  payloadOf (token: string, algorithm: string): unknown
}

/**
 * Makes a key for the listed algorithms from a secret or a PEM. The signature is fast-jwt's work; the claims are
 * checked by our own rules afterwards, hence its clock is switched off.
 */
export function createVerificationKey (key: string | Buffer, algorithms: readonly Algorithm[]): VerificationKey {
  const verifiers = new Map(algorithms.map((algorithm) => [algorithm as string, createVerifier({
    key, algorithms: [algorithm], ignoreExpiration: true, ignoreNotBefore: true
  })]))
  return {
    held: true,
    payloadOf (token, algorithm) {
      const verify = verifiers.get(algorithm)
      if (verify === undefined) throw invalidToken('alg')
      try {
        return verify(token)
      } catch (error) {
        if (isSignatureFault(error)) return undefined
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
