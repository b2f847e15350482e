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
}

type JwtPlugin = ReturnType<typeof jwt>

/** The part of Better Auth's own `jwt` plugin that {@link userIdJwt} keeps. */
export interface UserIdJwtPlugin extends Pick<JwtPlugin, 'id' | 'version' | 'hooks'> {
  init: (context: { secret: string }) => void
  endpoints: Pick<JwtPlugin['endpoints'], 'getToken'>
}

/**
 * A Better Auth plugin that issues HS256 tokens with exactly `user_id`, `sub`, `iat` and `exp`, from `GET /token`
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
 * export const auth = betterAuth({ emailAndPassword: { enabled: true }, plugins: [userIdJwt()] })
 * ```
 */
export function userIdJwt (options: UserIdJwtOptions = {}): UserIdJwtPlugin {
  checkNames(options)
  const { expiresIn = 900 } = options
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
      definePayload: ({ user }) => ({ user_id: user.id }),
      sign: ({ user_id: userId, sub, iat = 0 }) =>
        signHs256({ user_id: userId, sub, iat, exp: iat + expiresIn }, secret as string)
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
  refuseUnknownKeys(options, ['expiresIn', 'secret'], { of: 'userIdJwt()' })
}

const hs256Header = encode({ alg: 'HS256', typ: 'JWT' })

function signHs256 (payload: object, secret: string): string {
  const signed = `${hs256Header}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

function encode (value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
