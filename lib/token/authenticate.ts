import type { FastifyRequest } from 'fastify'
import type { Authenticate, VerifiedToken } from '../types.js'
import { authorizationValue, bearerToken } from './bearer.js'
import type { RememberedTokens } from './remembered-tokens.js'
import type { Admit } from './revocation.js'
import type { GenuineToken, Verify } from './verifier.js'

/** The parts {@link createAuthenticate} puts together. */
export interface AuthenticateParts {
  verify: Verify
  remembered: RememberedTokens
  admit: Admit
}

/**
 * Makes the function that answers who is calling: header, remembered token or verification, revocation. A token that
 * is remembered costs one look-up and answers the same frozen object, without a promise.
 */
export function createAuthenticate ({ verify, remembered, admit }: AuthenticateParts): Authenticate {
  function accept (authorization: string, token: GenuineToken, request: FastifyRequest): VerifiedToken | Promise<VerifiedToken> {
    remembered.note(authorization, token)
    return admit(token.verified, request)
  }

  return function authenticate (request) {
    const authorization = authorizationValue(request)
    const now = Date.now()
    const known = remembered.find(authorization, now)
    if (known !== undefined) return admit(known.verified, request)
    const token = verify(bearerToken(authorization), now)
    if (token instanceof Promise) return token.then((fetched) => accept(authorization, fetched, request))
    return accept(authorization, token, request)
  }
}
