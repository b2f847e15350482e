import { createHmac, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto'
import type { JsonWebKey, KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Which of the two families signs: the shared secret (HS256) or the key set (EdDSA). */
export type TokenFamily = 'secret' | 'jwks'

/** How a token is minted. */
export interface MintOptions {
  /** Default `'secret'`. */
  family?: TokenFamily
  /** Claims beside or instead of the usual ones; one that is `undefined` is left out. */
  claims?: Record<string, unknown>
  /** Seconds until `exp`; negative for a token that has expired. Default 900. */
  expiresIn?: number
  /** Header fields beside `alg` and `kid`. */
  header?: Record<string, unknown>
}

/** How an access token is minted. */
export interface AccessTokenOptions extends Omit<MintOptions, 'family'> {
  scope?: string | string[]
  /** The client's id. Default `'test-client'`. */
  clientId?: string
}

/** How the key set fails: an error status, a response that never comes, or one that is no key set. */
export type KeySetFailure = 'status' | 'hang' | 'garbage'

/** An issuer for tests: a secret, a key set on loopback, and tokens of both. */
export interface TestIssuer {
  /** For the `secret` option. */
  readonly secret: string
  /** For the `jwks` option: a URL on loopback. */
  readonly jwksUrl: string
  /** How often the key set was asked for. */
  readonly fetches: number
  /** A token for a user: claim `user_id` under the secret, `sub` under the key set. */
  token (userId: string, options?: MintOptions): string
  /**
   * An access token of the key set (RFC 9068: `typ` is `at+jwt`), as a client such as an agent is given it, for a user
   * and a scope.
   * @param scope space-separated, or a list; none by default
   */
  accessToken (userId: string, options?: AccessTokenOptions): string
  /** Signs with a new key from now on; the keys before leave the set unless `keep` is true. */
  rotate (options?: { keep?: boolean }): void
  /** Makes the key set fail until {@link TestIssuer.recover}. Default `'status'`. */
  fail (how?: KeySetFailure): void
  /** Ends what {@link TestIssuer.fail} began. */
  recover (): void
  /** Stops serving the key set. */
  close (): Promise<void>
}

interface SigningKey { kid: string, privateKey: KeyObject, jwk: JsonWebKey & { kid: string, alg: string } }

function createKey (): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const kid = randomUUID()
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA' } }
}

/** The compact serialisation (RFC 7515 section 7.1) of what is to be signed, with its signature. */
function compact (header: object, payload: object, signature: (input: string) => Buffer): string {
  const input = [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${input}.${signature(input).toString('base64url')}`
}

/**
 * Starts an issuer for tests; its key set is served on a port of its own at 127.0.0.1. Close it in the
 * test's teardown.
 * @example
 * const issuer = await createTestIssuer()
 * await app.register(authIntegration, { secret: issuer.secret })
 * await app.inject({ url: '/me', headers: { authorization: `Bearer ${issuer.token('alice')}` } })
 */
export async function createTestIssuer (options: { secret?: string } = {}): Promise<TestIssuer> {
  const secret = options.secret ?? randomBytes(32).toString('hex')
  let keys = [createKey()]
  let failure: KeySetFailure | null = null
  let fetches = 0

  const server = createServer((_request, response) => {
    fetches++
    if (failure === 'hang') return
    if (failure === 'status') response.statusCode = 500
    response.setHeader('content-type', 'application/json')
    response.end(failure === 'garbage' ? '<html>' : JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A test that forgets to close the issuer ends all the same.
  server.unref()
  const { port } = server.address() as AddressInfo

  function mint (
    userId: string,
    { family = 'secret', claims = {}, expiresIn = 900, header = {} }: MintOptions = {}
  ): string {
    const now = Math.floor(Date.now() / 1000)
    const payload = { [family === 'secret' ? 'user_id' : 'sub']: userId, iat: now, exp: now + expiresIn, ...claims }
    if (family === 'secret') {
      return compact({ alg: 'HS256', typ: 'JWT', ...header }, payload, (input) =>
        createHmac('sha256', secret).update(input).digest()
      )
    }
    const { kid, privateKey } = keys[0] as SigningKey
    return compact({ alg: 'EdDSA', kid, ...header }, payload, (input) => sign(null, Buffer.from(input), privateKey))
  }

  return {
    secret,
    jwksUrl: `http://127.0.0.1:${port}/jwks`,
    get fetches () { return fetches },
    token: mint,
    accessToken (userId, { scope = [], clientId = 'test-client', claims = {}, header = {}, ...options } = {}) {
      const scopes = [scope].flat().join(' ')
      return mint(userId, {
        ...options,
        family: 'jwks',
        claims: { client_id: clientId, ...(scopes === '' ? null : { scope: scopes }), ...claims },
        header: { typ: 'at+jwt', ...header }
      })
    },
    rotate ({ keep = false } = {}) { keys = keep ? [createKey(), ...keys] : [createKey()] },
    fail (how = 'status') { failure = how },
    recover () { failure = null },
    async close () {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }
}
