import t from 'tap'
import Fastify from 'fastify'
import fastifyJwt from '@fastify/jwt'
import { registerToken } from '../../lib/token/register-token.js'
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

t.test('the three answers are those of the seeds, byte for byte, each with its challenge', async (t) => {
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

t.test('a request.user of another plugin is a clear sentence at start', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.decorateRequest('user', '')
  await t.rejects(registerToken(app, { secret }), { name: 'TypeError', message: /decoratorName/ })
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
