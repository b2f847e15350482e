import type { FastifyRequest } from 'fastify'
import type { Authenticate, VerifiedToken } from '../types.js'
import { authorizationValue, bearerToken } from './bearer.js'
import type { TokenCache } from './token-cache.js'
import type { Admit } from './revocation.js'
import type { GenuineToken, Verify } from './verifier.js'

/** The parts {@link createAuthenticate} puts together. */
export interface AuthenticateParts {
  verify: Verify
  cache: TokenCache
  admit: Admit
}

/**
 * Makes the function that says who is calling: header, token cache or verification, revocation. A cached token
 * costs one look-up and gives the same frozen object, without a promise.
 */
export function createAuthenticate ({ verify, cache, admit }: AuthenticateParts): Authenticate {
  function accept (
    authorization: string,
    token: GenuineToken,
    request: FastifyRequest
  ): VerifiedToken | Promise<VerifiedToken> {
    cache.note(authorization, token)
    return admit(token.verified, request)
  }

  return function authenticate (request) {
    const authorization = authorizationValue(request)
    const now = Date.now()
    const known = cache.find(authorization, now)
    if (known !== undefined) return admit(known.verified, request)
    const token = verify(bearerToken(authorization), now)
    if (token instanceof Promise) return token.then((fetched) => accept(authorization, fetched, request))
    return accept(authorization, token, request)
  }
}
