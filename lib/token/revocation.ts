import type { FastifyRequest } from 'fastify'
import type { TokenOptions } from '../options.js'
import type { VerifiedToken } from '../types.js'
import { revocationUnavailable, tokenRevoked } from './challenge.js'

/** Passes a genuine token on, or throws; without a promise when `isRevoked` needs none. */
export type Admit = (verified: VerifiedToken, request: FastifyRequest) => VerifiedToken | Promise<VerifiedToken>

/** How long `isRevoked` may take, in milliseconds. */
const revocationTimeout = 5000

/**
 * Wraps `isRevoked` so that it fails closed: only `false` lets a token in, `true` is 401, and an
 * exception, a time-out or anything that is no boolean is 503.
 * @throws {TypeError} when the option is no function
 */
export function createAdmission (isRevoked: TokenOptions['isRevoked'], timeout = revocationTimeout): Admit {
  if (isRevoked === undefined) return (verified) => verified
  if (typeof isRevoked !== 'function') {
    throw new TypeError('"isRevoked" must be a function (claims, request) that returns true or false')
  }

  return function admit (verified, request) {
    let result: unknown
    try {
      result = isRevoked(verified.claims, request)
    } catch (error) {
      throw revocationUnavailable('revocation_failed', error)
    }
    return isThenable(result) ? admitLater(result, verified) : decide(result, verified)
  }

  async function admitLater (result: PromiseLike<unknown>, verified: VerifiedToken): Promise<VerifiedToken> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(revocationUnavailable('revocation_timeout')), timeout)
    })
    const settled = Promise.resolve(result).catch((error: unknown) => {
      throw revocationUnavailable('revocation_failed', error)
    })
    try {
      return decide(await Promise.race([settled, late]), verified)
    } finally {
      clearTimeout(timer)
    }
  }
}

function decide (result: unknown, verified: VerifiedToken): VerifiedToken {
  if (result === false) return verified
  if (result === true) throw tokenRevoked()
  throw revocationUnavailable('revocation_answer')
}

function isThenable (value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null)?.then === 'function'
}
