import t from 'tap'
import Fastify from 'fastify'
import fastifyJwt from '@fastify/jwt'
import { registerToken } from '../../lib/token/register-token.js'
import { signer } from '../fixtures/asymmetric.js'
import { hang, keySetServer, publish } from '../fixtures/key-set-server.js'
import { ask, expired, invalid, missing, tokenApp } from '../fixtures/token-app.js'
import { now, retiredSecret, secret, token } from '../fixtures/tokens.js'

t.test('a good token tells who is calling', async (t) => {
  const { app } = await tokenApp(t, { secret })
  const { status, body } = await ask(app, `Bearer ${token()}`)
  t.equal(status, 200)
  t.equal(body.userId, 'ada')
})

t.test('a token of another library with the same claims is accepted', async (t) => {
  const { app } = await tokenApp(t, { secret })
  // PyJWT: compact JSON with the header's members in its own order.
  const pyJwt = token({}, secret, { alg: 'HS256', typ: 'JWT' })
  t.equal((await ask(app, `Bearer ${pyJwt}`)).status, 200)
  t.equal((await ask(app, `Bearer ${token({}, secret, { typ: undefined })}`)).status, 200)
})

t.test('the three refusals are exact, byte for byte, each with its challenge', async (t) => {
  const { app } = await tokenApp(t, { secret })
  t.same(await ask(app), missing)
  t.same(await ask(app, 'Basic YTpi'), missing)
  t.same(await ask(app, 'Bearer'), missing)
  t.same(await ask(app, 'Bearer x.y.z'), invalid)
  t.same(await ask(app, `Bearer ${token({ exp: now() - 1 })}`), expired)
  const response = await app.inject({ url: '/me' })
  t.equal(response.body, '{"detail":"Missing token"}')
})

t.test('only a verified signature earns Token expired', async (t) => {
  const { app } = await tokenApp(t, { secret })
  t.same(await ask(app, `Bearer ${token({ exp: now() - 1 }, retiredSecret)}`), invalid)
})

t.test('only a token with no other fault is called expired', async (t) => {
  const { app } = await tokenApp(t, { secret })
  t.same(await ask(app, `Bearer ${token({ exp: now() - 1, user_id: 7 })}`), invalid)
  t.same(await ask(app, `Bearer ${token({ exp: now() - 1, nbf: now() + 60 })}`), invalid)
})

t.test('a retired secret goes on verifying while it is listed', async (t) => {
  const { app } = await tokenApp(t, { secret: [secret, retiredSecret] })
  t.equal((await ask(app, `Bearer ${token()}`)).status, 200)
  t.equal((await ask(app, `Bearer ${token({}, retiredSecret)}`)).status, 200)
  const { app: after } = await tokenApp(t, { secret })
  t.same(await ask(after, `Bearer ${token({}, retiredSecret)}`), invalid)
})

t.test('app.jwt signs tokens that are accepted, with 15 minutes to live unless told otherwise', async (t) => {
  const { app } = await tokenApp(t, { secret })
  const signed = app.jwt.sign({ user_id: 'ada' })
  const { status, body } = await ask(app, `Bearer ${signed}`)
  t.equal(status, 200)
  t.equal(body.claims.exp - body.claims.iat, 900)
  t.same(await ask(app, `Bearer ${app.jwt.sign({ user_id: 'ada', exp: now() - 5 })}`), expired)
  const brief = await ask(app, `Bearer ${app.jwt.sign({ user_id: 'ada' }, { expiresIn: '1h' })}`)
  t.equal(brief.body.claims.exp - brief.body.claims.iat, 3600)
})

t.test('the secret of the environment is used when nothing is given', async (t) => {
  process.env['BETTER_AUTH_SECRET'] = secret
  t.teardown(() => { delete process.env['BETTER_AUTH_SECRET'] })
  const { app } = await tokenApp(t, {})
  t.equal((await ask(app, `Bearer ${token()}`)).status, 200)
})

t.test('an @fastify/jwt that the app registered first stays the app\'s own', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(fastifyJwt, { secret: retiredSecret })
  const { jwt } = app
  const authenticate = await registerToken(app, { secret })
  t.equal(app.jwt, jwt)
  app.get('/me', async (request) => (await authenticate(request)).userId)
  const good = await app.inject({ url: '/me', headers: { authorization: `Bearer ${token()}` } })
  t.equal(good.body, 'ada')
  const bad = await app.inject({ url: '/me', headers: { authorization: `Bearer ${app.jwt.sign({ user_id: 'ada', exp: now() + 60 })}` } })
  t.equal(bad.statusCode, 401)
})

t.test('request.user stays the app\'s own, decorated before or after', async (t) => {
  for (const first of [true, false]) {
    const app = Fastify()
    t.teardown(() => app.close())
    if (first) app.decorateRequest('user', '')
    await registerToken(app, { secret })
    if (!first) app.decorateRequest('user', '')
    app.get('/', async (request) => {
      Object.assign(request, { user: 'of the session' })
      await request.jwtVerify()
      return request.user
    })
    t.equal((await app.inject({ url: '/', headers: { authorization: `Bearer ${token()}` } })).body, 'of the session')
  }
})

t.test('no secret and no key set refuses to start', async (t) => {
  await t.rejects(registerToken(Fastify(), {}), { name: 'TypeError', message: /BETTER_AUTH_SECRET.*"secret".*"jwks"/ })
})

t.test('the challenge reaches the client through Fastify\'s own error handler', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  const authenticate = await registerToken(app, { secret })
  app.get('/me', async (request) => (await authenticate(request)).userId)
  const response = await app.inject({ url: '/me' })
  t.equal(response.statusCode, 401)
  t.equal(response.headers['www-authenticate'], 'Bearer')
})

t.test('a key set verifies, beside a secret when both are given, each with its own claim', async (t) => {
  const issuer = signer('EdDSA', 'a')
  const server = await keySetServer(t, publish(issuer.jwk))
  const { app } = await tokenApp(t, { secret, jwks: server.url })
  t.equal((await ask(app, `Bearer ${issuer.token({ sub: 'eve' })}`)).body.userId, 'eve')
  t.equal((await ask(app, `Bearer ${token()}`)).body.userId, 'ada')
  t.ok(app.hasDecorator('jwt'))
})

t.test('with a key set alone there is no secret, no app.jwt, and HS256 is refused', async (t) => {
  process.env['BETTER_AUTH_SECRET'] = secret
  t.teardown(() => { delete process.env['BETTER_AUTH_SECRET'] })
  const issuer = signer('ES256', 'a')
  const server = await keySetServer(t, publish(issuer.jwk))
  const { app } = await tokenApp(t, { jwks: server.url })
  t.equal((await ask(app, `Bearer ${issuer.token()}`)).status, 200)
  t.same(await ask(app, `Bearer ${token()}`), invalid)
  t.notOk(app.hasDecorator('jwt'))
})

t.test('an issuer that cannot be reached does not hold up the start, and is 503 with Retry-After', async (t) => {
  const { app } = await tokenApp(t, { jwks: { url: 'http://127.0.0.1:9/jwks' } })
  await app.ready()
  const { status, body, retryAfter, challenge } = await ask(app, `Bearer ${signer('EdDSA', 'a').token()}`)
  t.same({ status, body, challenge }, { status: 503, body: { detail: 'Service Unavailable' }, challenge: undefined })
  t.match(retryAfter, /^[1-5]$/)
})

t.test('what is wrong with a token besides its key is said without asking the issuer', async (t) => {
  const server = await keySetServer(t, hang)
  const { app } = await tokenApp(t, { jwks: server.url })
  t.same(await ask(app, 'Bearer x'), invalid)
  t.same(await ask(app, `Bearer ${token({}, secret, { alg: 'none' })}`), invalid)
  t.same(await ask(app), missing)
  t.equal(server.fetches, 0)
})

t.test('closing the app gives up a fetch that hangs', async (t) => {
  const server = await keySetServer(t, hang)
  const { app } = await tokenApp(t, { jwks: server.url })
  const asked = server.asked()
  const answer = ask(app, `Bearer ${signer('EdDSA', 'a').token()}`)
  await asked
  await app.close()
  t.equal((await answer).status, 503)
})

t.test('a remembered token stops verifying once its key is out of the set', async (t) => {
  const issuer = signer('EdDSA', 'a')
  const next = signer('EdDSA', 'b')
  const server = await keySetServer(t, publish(issuer.jwk))
  const { app, authenticate } = await tokenApp(t, { jwks: server.url })
  const authorization = `Bearer ${issuer.token()}`
  for (let i = 0; i < 3; i++) t.equal((await ask(app, authorization)).status, 200)
  t.equal(server.fetches, 1)
  t.type(authenticate, 'function')
  server.answer = publish(next.jwk)
  // Asking for the new key refreshes the set.
  t.equal((await ask(app, `Bearer ${next.token()}`)).status, 200)
  t.same(await ask(app, authorization), invalid)
})

for (const [what, kid, twin] of [['a twin of its kid and alg', 'a', 'a'], ['a second key that fits a token without kid', undefined, 'b']] as const) {
  t.test(`a remembered token is refused like a fresh one once its key has ${what}`, async (t) => {
    const issuer = signer('EdDSA', 'a')
    const next = signer('ES256', 'next')
    const server = await keySetServer(t, publish(issuer.jwk))
    const { app } = await tokenApp(t, { jwks: server.url })
    const authorization = `Bearer ${issuer.token({}, { kid })}`
    for (let i = 0; i < 3; i++) t.equal((await ask(app, authorization)).status, 200)
    server.answer = publish(issuer.jwk, signer('EdDSA', twin).jwk, next.jwk)
    t.equal((await ask(app, `Bearer ${next.token()}`)).status, 200)
    t.same(await ask(app, authorization), invalid)
    t.same(await ask(app, `Bearer ${issuer.token({ jti: 'fresh' }, { kid })}`), invalid)
  })
}

t.test('a revoked token is 401, and a check that fails is 503', async (t) => {
  const revoked = new Set<unknown>(['gone'])
  const { app } = await tokenApp(t, {
    secret,
    isRevoked: async ({ jti }) => {
      if (jti === 'boom') throw new Error('redis is gone')
      return revoked.has(jti)
    }
  })
  t.equal((await ask(app, `Bearer ${token({ jti: 'here' })}`)).status, 200)
  t.same(await ask(app, `Bearer ${token({ jti: 'gone' })}`), invalid)
  t.match(await ask(app, `Bearer ${token({ jti: 'boom' })}`), { status: 503, retryAfter: '1' })
})

t.test('mistakes in the key set\'s options refuse to start', async (t) => {
  await t.rejects(registerToken(Fastify(), { jwks: 'http://auth.example.com/jwks' }), { name: 'TypeError', message: /https/ })
})
