import { createHmac } from 'node:crypto'
import { jwt } from 'better-auth/plugins/jwt'
import { checkSecret } from '../internal/secret.js'
import { refuseUnknownKeys } from '../internal/unknown-keys.js'

/** Options of {@link userIdJwt}. */
export interface UserIdJwtOptions {
  /** Whole seconds a token is good for. Default 900, fifteen minutes. It outlives a sign-out, so keep it short. */
  expiresIn?: number
  /**
   * HS256 key: the raw UTF-8 bytes of this text, at least 32 of them.
   * Default: the Better Auth instance's own current secret, the first of `BETTER_AUTH_SECRETS` when it rotates.
   */
  secret?: string
  /**
   * Further claims, asked for with each token: `({ user, session }) => ({ org_id: session.activeOrganizationId })`.
   * `undefined` and `null` are left out. Default none.
   */
  claims?: (of: JwtSubject) => object | Promise<object>
}

type JwtPlugin = ReturnType<typeof jwt>
type JwtOptions = NonNullable<NonNullable<Parameters<typeof jwt>[0]>['jwt']>
/** The user and the session that a token is for, with the fields that other plugins of Better Auth give them. */
export type JwtSubject = Parameters<NonNullable<JwtOptions['definePayload']>>[0]

/** The part of Better Auth's own `jwt` plugin that {@link userIdJwt} keeps. */
export interface UserIdJwtPlugin extends Pick<JwtPlugin, 'id' | 'version' | 'hooks'> {
  init: (context: { secret: string }) => void
  endpoints: Pick<JwtPlugin['endpoints'], 'getToken'>
}

/**
 * A Better Auth plugin: it issues HS256 tokens of `user_id`, `sub`, `iat`, `exp` and your `claims`, from `GET /token`
 * (`authClient.token()`) and in the `set-auth-jwt` header of `GET /get-session`. It takes the place of `jwt()`
 * and needs no table. There is no e-mail in the token: Better Auth would take one that has it for a verification link.
 *
 * @throws {TypeError} when an option is unfit; an unfit secret of the instance rejects the instance's start
 * @see RFC 7518 section 3.2 for the length of the key
 * @example
 * ```ts
 * import { betterAuth } from 'better-auth'
 * import { userIdJwt } from 'fastify-auth-integration/better-auth'
 *
 * export const auth = betterAuth({
 *   emailAndPassword: { enabled: true },
 *   plugins: [userIdJwt({ claims: ({ session }) => ({ org_id: session.activeOrganizationId }) })]
 * })
 * ```
 */
export function userIdJwt (options: UserIdJwtOptions = {}): UserIdJwtPlugin {
  checkNames(options)
  const { expiresIn = 900, claims } = options
  if (claims !== undefined && typeof claims !== 'function') {
    throw new TypeError('"claims" of userIdJwt() must be a function ({ user, session }) that returns an object of claims')
  }
  if (!Number.isSafeInteger(expiresIn) || expiresIn < 1) {
    throw new TypeError('"expiresIn" of userIdJwt() must be a whole number of seconds, at least 1')
  }
  if (options.secret !== undefined) checkSecret(options.secret, 'The secret of userIdJwt()')
  let secret = options.secret

  const plugin = jwt({
    // Better Auth wants these two before it lets anybody else sign; nothing here fetches a key set.
    jwks: { remoteUrl: 'about:blank', keyPairConfig: { alg: 'EdDSA' } },
    jwt: {
      // Named only so that Better Auth does not warn of their absence: the payload below leaves them out.
      issuer: 'unused',
      audience: 'unused',
      definePayload: async (subject) => ({ user_id: subject.user.id, further: checkedClaims(await claims?.(subject)) }),
      sign: ({ user_id: userId, further, sub, iat = 0 }) =>
        signHs256({ ...further as object, user_id: userId, sub, iat, exp: iat + expiresIn }, secret as string)
    }
  })

  // Its `options` and its endpoint that signs any payload stay behind: what other plugins sign must not be an API
  // token.
  return {
    id: plugin.id,
    version: plugin.version,
    hooks: plugin.hooks,
    endpoints: { getToken: plugin.endpoints.getToken },
    init (context) {
      if (options.secret !== undefined) return
      if (secret !== undefined && secret !== context.secret) {
        throw new TypeError('This userIdJwt() already signs for another Better Auth instance: call it once for each')
      }
      checkSecret(context.secret, 'The secret of userIdJwt()')
      secret = context.secret
    }
  }
}

function checkNames (options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError('The options of userIdJwt() are an object, such as { expiresIn: 300 }, or left out')
  }
  refuseUnknownKeys(options, ['expiresIn', 'secret', 'claims'], { of: 'userIdJwt()' })
}

// The token's own, and what Better Auth reads in links that it signs with the same secret: a token with an e-mail would
// verify that address.
const reserved = new Set(['user_id', 'sub', 'iat', 'exp', 'nbf', 'email', 'updateTo', 'userId', 'requestType'])

/** @throws {TypeError} for what is no object of claims, or one that is not the app's to write */
function checkedClaims (given: unknown): object {
  if (given === undefined) return {}
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError('"claims" of userIdJwt() must return an object of claims')
  }
  const claims = Object.entries(given).filter(([, value]) => value !== undefined && value !== null)
  const taken = claims.find(([name]) => reserved.has(name))?.[0]
  if (taken !== undefined) {
    throw new TypeError(`"claims" of userIdJwt() returned "${taken}", which is not for the app to write: name it otherwise`)
  }
  return Object.fromEntries(claims)
}

const hs256Header = encode({ alg: 'HS256', typ: 'JWT' })

function signHs256 (payload: object, secret: string): string {
  const signed = `${hs256Header}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

function encode (value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
