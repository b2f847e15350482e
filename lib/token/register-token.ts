import fastifyJwt from '@fastify/jwt'
import type { FastifyInstance } from 'fastify'
import { reportWarnings } from '../internal/report-warnings.js'
import type { ScopeOptions, TokenOptions } from '../options.js'
import type { Authenticate } from '../types.js'
import { createAuthenticate } from './authenticate.js'
import { parseClaimRules } from './claims.js'
import { createKeySetFamily, createSecretFamily } from './family.js'
import type { TokenFamily } from './family.js'
import { parseKeySetOptions } from './key-set-options.js'
import { createGivenKeySet, createKeySet } from './key-set.js'
import type { KeySet } from './key-set.js'
import { createTokenCache } from './token-cache.js'
import { createAdmission } from './revocation.js'
import { parseSecrets } from './secrets.js'
import { createVerifier } from './verifier.js'
import { withVerifyEvents } from './verify-events.js'

const anyAudience =
  '"jwks" without "audience" accepts a token that the issuer made for any other API: give the audience that your tokens have (aud)'

// As long as Better Auth's own tokens live.
const signedLifetime = 15 * 60

/**
 * Sets token verification up on an app and returns the function that says who is calling. Registers @fastify/jwt with
 * the current secret, unless the app has a `jwt` decorator already, which then stays the app's own.
 * @throws {TypeError} for a mistake in the options, saying what to do
 */
export async function registerToken (
  app: FastifyInstance, options: TokenOptions & Pick<ScopeOptions, 'organization'>
): Promise<Authenticate> {
  const admit = createAdmission(options.isRevoked)
  const families: TokenFamily[] = []
  const secrets = parseSecrets(options)
  if (secrets.length > 0) {
    families.push(createSecretFamily(secrets, parseClaimRules(options, 'secret')))
    if (!app.hasDecorator('jwt')) await registerSigner(app, secrets[0]!)
  }
  if (options.jwks !== undefined) {
    const keySet = openKeySet(app, parseKeySetOptions(options.jwks))
    app.addHook('onClose', async () => keySet.close())
    if (options.audience === undefined) app.addHook('onReady', async () => reportWarnings(app, [anyAudience]))
    families.push(createKeySetFamily(keySet, parseClaimRules(options, 'keySet')))
  }
  return withVerifyEvents(createAuthenticate({ verify: createVerifier(families), cache: createTokenCache(), admit }))
}

function openKeySet (app: FastifyInstance, settings: ReturnType<typeof parseKeySetOptions>): KeySet {
  if (!('load' in settings)) return createGivenKeySet(settings)
  return createKeySet(settings, (err) => app.log.warn({ err, source: settings.source }, 'The key set could not be had'))
}

// A name that no app has: request.user stays the app's own, and only request.jwtVerify() writes here.
const jwtUser = Symbol('fastify-auth-integration.jwt-user') as unknown as string

async function registerSigner (app: FastifyInstance, secret: string): Promise<void> {
  await app.register(fastifyJwt, {
    secret,
    decoratorName: jwtUser,
    sign: { algorithm: 'HS256' },
    verify: { algorithms: ['HS256'], requiredClaims: ['exp'] }
  })
  const { jwt } = app
  const sign = jwt.sign as (payload: unknown, ...rest: unknown[]) => unknown
  // A token without exp is refused, so one signed here has one. Not by an expiresIn option: that would overrule the
  // exp of a payload that brings its own.
  jwt.sign = ((payload: unknown, ...rest: unknown[]) => sign(lacksExpiry(payload, rest[0])
    ? { ...payload, exp: Math.floor(Date.now() / 1000) + signedLifetime }
    : payload, ...rest)) as typeof jwt.sign
}

function lacksExpiry (payload: unknown, options: unknown): payload is object {
  return typeof payload === 'object' && payload !== null && !Buffer.isBuffer(payload) && !('exp' in payload) &&
    (options as { expiresIn?: unknown } | undefined)?.expiresIn === undefined
}
