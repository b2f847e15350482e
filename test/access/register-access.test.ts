import Fastify, { type FastifyInstance, type FastifyServerOptions, type RouteShorthandOptions } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { registerAccess } from '../../lib/access/register-access.js'
import type { AccessOptions } from '../../lib/options.js'
import { as, createFakeAuthenticate } from '../fixtures/fake-authenticate.js'

interface Built { app: FastifyInstance, authenticate: ReturnType<typeof createFakeAuthenticate> }

async function build (options: AccessOptions = {}, server: FastifyServerOptions = {}, slow = false): Promise<Built> {
  const app = Fastify(server)
  const authenticate = createFakeAuthenticate({ slow })
  await app.register(fp(async (instance) => registerAccess(instance, options, authenticate)))
  return { app, authenticate }
}

t.test('public paths are open with what is below them, by whole segments', async (t) => {
  const { app } = await build()
  for (const url of ['/health', '/health/db', '/healthz', '/api/auth/sign-in/email', '/api/auth/session']) app.get(url, async () => 'in')
  app.get('/ready/:part', async () => 'in')
  for (const url of ['/health', '/health/db', '/api/auth/sign-in/email', '/ready/x']) t.equal((await app.inject(url)).statusCode, 200, url)
  for (const url of ['/healthz', '/api/auth/session']) t.equal((await app.inject(url)).statusCode, 401, url)
  t.equal((await app.inject({ method: 'HEAD', url: '/health' })).statusCode, 200)
  t.equal((await app.inject({ method: 'HEAD', url: '/healthz' })).statusCode, 401)
})

t.test('public paths include the prefix a route is registered under', async (t) => {
  const { app } = await build({ publicPaths: ['/v1/open'] })
  app.register(async (v1) => {
    v1.get('/open', async () => 'in')
    v1.get('/', async () => 'in')
  }, { prefix: '/v1' })
  app.register(async (v2) => { v2.get('/open', async () => 'in') }, { prefix: '/v2' })
  t.equal((await app.inject('/v1/open')).statusCode, 200)
  t.equal((await app.inject('/v2/open')).statusCode, 401)
  t.equal((await app.inject('/v1')).statusCode, 401)
  t.equal((await app.inject('/v1/')).statusCode, 401)
})

t.test('an unknown path is 404, with a token or without', async (t) => {
  const { app } = await build({ hook: 'onRequest' })
  app.get('/known', async () => 'in')
  for (const headers of [{}, as('alice'), { authorization: 'Bearer bad' }]) {
    for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE'] as const) {
      t.equal((await app.inject({ method, url: '/unknown', headers })).statusCode, 404)
    }
  }
  t.equal((await app.inject({ method: 'POST', url: '/known' })).statusCode, 404)
})

t.test('an app\'s own not-found handler is reached by everyone', async (t) => {
  const { app } = await build()
  app.setNotFoundHandler((_request, reply) => { reply.code(404).send('nothing here') })
  t.equal((await app.inject('/x')).body, 'nothing here')
})

t.test('config.auth false opens one route, and reading userId there is 401', async (t) => {
  const { app } = await build()
  app.get('/open', { config: { auth: false } }, async (request) => ({ claims: request.claims }))
  app.get('/careless', { config: { auth: false } }, async (request) => request.userId)
  t.same((await app.inject('/open')).json(), { claims: null })
  t.equal((await app.inject({ url: '/open', headers: { authorization: 'Bearer bad' } })).statusCode, 200)
  const careless = await app.inject('/careless')
  t.equal(careless.statusCode, 401)
  t.equal(careless.headers['www-authenticate'], 'Bearer')
})

t.test('ownerParams can be other names, or none', async (t) => {
  const other = await build({ ownerParams: ['account'] })
  other.app.get('/:account', async () => 'in')
  other.app.get('/x/:user_id', async () => 'in')
  t.equal((await other.app.inject({ url: '/bob', headers: as('alice') })).statusCode, 403)
  t.equal((await other.app.inject({ url: '/x/bob', headers: as('alice') })).statusCode, 200)
  const none = await build({ ownerParams: false })
  none.app.get('/:user_id', async () => 'in')
  t.equal((await none.app.inject({ url: '/bob', headers: as('alice') })).statusCode, 200)
})

t.test('with hook: false only routes and scopes that name the hook need a token', async (t) => {
  const { app } = await build({ hook: false })
  app.get('/free', async (request) => ({ claims: request.claims }))
  app.get('/mine', { onRequest: app.verifyToken }, async (request) => request.userId)
  app.register(async (scope) => {
    scope.addHook('onRequest', scope.verifyToken)
    scope.get('/scoped/:user_id', async (request) => request.userId)
  })
  t.equal((await app.inject('/free')).statusCode, 200)
  t.equal((await app.inject('/mine')).statusCode, 401)
  t.equal((await app.inject('/scoped/alice')).statusCode, 401)
  t.equal((await app.inject({ url: '/scoped/alice', headers: as('bob') })).statusCode, 403)
  t.same(app.routeAccess().filter(({ method }) => method === 'GET').map(({ url, access }) => `${url} ${access}`), ['/free public', '/mine token', '/scoped/:user_id owner'])
})

t.test('with hook: false a route that says who may pass is guarded by that', async (t) => {
  const { app, authenticate } = await build({ hook: false })
  const early: string[] = []
  const onRequest = async (): Promise<void> => { early.push('ran') }
  app.get('/own/:id', { config: { auth: { owner: 'id' } }, onRequest }, async (request) => request.userId)
  app.get('/any', { config: { auth: {} } }, async (request) => request.userId)
  app.get('/maybe', { config: { auth: 'optional' } }, async (request) => ({ claims: request.claims }))
  app.get('/open', { config: { auth: false } }, async () => 'in')
  app.register(async (scope) => {
    scope.addHook('preHandler', scope.verifyToken)
    scope.get('/scoped', { config: { auth: {} } }, async (request) => request.userId)
  })
  for (const url of ['/own/alice', '/any', '/scoped']) {
    for (const method of ['GET', 'HEAD'] as const) t.equal((await app.inject({ method, url })).statusCode, 401, `${method} ${url}`)
    authenticate.calls = 0
    t.equal((await app.inject({ url, headers: as('alice') })).body, 'alice')
    t.equal(authenticate.calls, 1)
  }
  t.equal((await app.inject({ url: '/own/alice', headers: as('bob') })).statusCode, 403)
  t.same(early, ['ran'], 'the hook of the route itself runs after the guard')
  t.same((await app.inject('/maybe')).json(), { claims: null })
  t.equal((await app.inject('/open')).statusCode, 200)
  t.same(app.routeAccess().filter(({ method }) => method === 'GET').map(({ url, access }) => `${url} ${access}`),
    ['/any token', '/maybe optional', '/open public', '/own/:id owner', '/scoped token'])
})

t.test('a public path does not open a route that names the hook', async (t) => {
  const { app } = await build({ hook: false, publicPaths: ['/api'] })
  app.get('/api/me', { preHandler: app.verifyToken }, async (request) => request.userId)
  t.equal((await app.inject('/api/me')).statusCode, 401)
})

/** What the error says about the order of hooks to whoever reads its cause. */
async function hookOrder (app: FastifyInstance, ...urls: string[]): Promise<string> {
  const causes: unknown[] = []
  app.addHook('onError', async (_request, _reply, error) => { causes.push((error.cause as Error).message) })
  for (const url of urls) await app.inject(url)
  return causes.join('\n')
}

t.test('reading userId before the hook ran names the hook order, in the answer\'s error and the log', async (t) => {
  const lines: string[] = []
  const { app } = await build({}, { logger: { stream: { write: (line: string) => { lines.push(line) } } } })
  app.addHook('preValidation', async (request) => { t.ok(request.userId) })
  app.get('/me', async () => 'in')
  const answer = await app.inject({ url: '/me', headers: as('alice') })
  t.equal(answer.statusCode, 401)
  t.equal(answer.headers['www-authenticate'], 'Bearer')
  t.equal(answer.json().message, 'Missing token')
  const hint = /before app\.verifyToken ran: it runs in preHandler, and the order is onRequest, .*set hook: 'onRequest'/
  t.ok(lines.some((line) => /"level":40/.test(line) && hint.test(line)))
  t.ok(lines.some((line) => /"reason":"hook_order"/.test(line) && hint.test(line)))
})

t.test('with hook: false a route that came before the plugin refuses to start: a forgotten await', async (t) => {
  for (const options of [{ config: { auth: true } }, { config: { auth: { owner: false } } }, {}] as RouteShorthandOptions[]) {
    const app = Fastify()
    app.register(fp(async (instance) => registerAccess(instance, { hook: false }, createFakeAuthenticate())))
    // By now app.verifyToken is undefined, and Fastify takes an undefined hook for none.
    app.get('/me', { ...options, onRequest: app.verifyToken }, async () => 'in')
    await t.rejects(async () => await app.ready(), { name: 'TypeError', message: /would not guard.*GET, HEAD \/me/ })
  }
})

t.test('with hook: false below the root, a route of that scope that came before needs a token', async (t) => {
  const app = Fastify()
  app.register(async (scope) => {
    scope.get('/me', { config: { auth: true }, onRequest: scope.verifyToken }, async () => 'in')
    await scope.register(fp(async (instance) => registerAccess(instance, { hook: false }, createFakeAuthenticate())))
    scope.get('/open', async () => 'in')
  })
  app.get('/outside', async () => 'in')
  t.equal((await app.inject('/me')).statusCode, 401)
  t.equal((await app.inject({ url: '/me', headers: as('alice') })).statusCode, 200)
  t.equal((await app.inject('/open')).statusCode, 200)
  t.equal((await app.inject('/outside')).statusCode, 200)
  t.equal((await app.inject('/nowhere')).statusCode, 404)
})

t.test('with hook: false the message says that the route has to name the hook', async (t) => {
  const { app } = await build({ hook: false })
  app.get('/me', async (request) => request.userId)
  t.match(await hookOrder(app, '/me'), /GET \/me .*\{ onRequest: app\.verifyToken \}/)
})

t.test('with hook: \'onRequest\' it says to read it later', async (t) => {
  const app = Fastify()
  app.decorateRequest('early', false)
  app.addHook('onRequest', async (request) => { t.ok(request.userId) })
  await app.register(fp(async (instance) => registerAccess(instance, { hook: 'onRequest' }, createFakeAuthenticate())))
  app.get('/me', async (request) => request.userId)
  t.match(await hookOrder(app, '/me', '/nowhere'), /it runs in onRequest, .*read it later\n.*on GET an unknown path/)
})

t.test('a route registered before the plugin refuses to start, and is named', async (t) => {
  const app = Fastify()
  app.get('/early', async () => 'in')
  await t.rejects(async () => { await app.register(fp(async (instance) => registerAccess(instance, {}, createFakeAuthenticate()))) }, /GET, HEAD \/early/)
})

t.test('a scope registered before the plugin refuses to start, and is named', async (t) => {
  const app = Fastify()
  await app.register(async function tasks (scope) { scope.get('/', async () => 'in') }, { prefix: '/v1' })
  await t.rejects(async () => { await app.register(fp(async (instance) => registerAccess(instance, {}, createFakeAuthenticate()))) }, /"tasks" \(\/v1\)/)
})

t.test('below the root, what others registered elsewhere is none of its business', async (t) => {
  const app = Fastify()
  app.get('/outside', async () => 'in')
  await app.register(async function api (scope) {
    scope.get('/early', { config: { auth: false } }, async () => 'in')
    scope.get('/early/:user_id', async () => 'in')
    await scope.register(fp(async (instance) => registerAccess(instance, { publicPaths: ['/api/early'] }, createFakeAuthenticate())))
    scope.get('/late', async () => 'in')
  }, { prefix: '/api' })
  t.equal((await app.inject('/outside')).statusCode, 200)
  t.equal((await app.inject('/api/late')).statusCode, 401)
  t.equal((await app.inject('/api/early')).statusCode, 200)
  t.equal((await app.inject('/api/early/alice')).statusCode, 401)
  t.equal((await app.inject({ url: '/api/early/alice', headers: as('bob') })).statusCode, 403)
})

t.test('with hook: \'onRequest\' a stranger\'s body is not parsed', async (t) => {
  const { app } = await build({ hook: 'onRequest' })
  app.addContentTypeParser('text/x', async () => { t.fail('the body was read') })
  app.post('/tasks', async () => 'in')
  t.equal((await app.inject({ method: 'POST', url: '/tasks', headers: { 'content-type': 'text/x' }, payload: 'x' })).statusCode, 401)
  t.equal((await app.inject({ method: 'POST', url: '/tasks', headers: { 'content-type': 'application/json' }, payload: '{' })).statusCode, 401)
})

t.test('routes in later scopes, method lists and scopes with their own 404 are guarded as well', async (t) => {
  const { app } = await build({ hook: 'onRequest' })
  app.route({ method: ['GET', 'PUT'], url: '/both', handler: async () => 'in' })
  app.register(async (scope) => {
    scope.setNotFoundHandler(async (_request, reply) => reply.code(404).send('nothing in v1'))
    scope.get('/deep', async () => 'in')
    scope.register(async (inner) => { inner.get('/deeper', { constraints: { version: '1.0.0' } }, async () => 'in') })
  }, { prefix: '/v1' })
  for (const [method, url] of [['GET', '/both'], ['PUT', '/both'], ['HEAD', '/both'], ['GET', '/v1/deep'], ['GET', '/v1/deeper']] as const) {
    t.equal((await app.inject({ method, url, headers: url === '/v1/deeper' ? { 'accept-version': '1.0.0' } : {} })).statusCode, 401, `${method} ${url}`)
  }
  t.equal((await app.inject('/v1/unknown')).body, 'nothing in v1')
})

t.test('options that make no sense are refused with a sentence', async (t) => {
  const wrong: [unknown, RegExp][] = [
    [{ hook: 'preParsing' }, /"hook" must be/],
    [{ hook: 5n }, /"hook" must be .*, got 5n$/],
    [{ publicPaths: null }, /must be a list/],
    [{ publicPaths: [5n] }, /got 5n$/],
    [{ publicPaths: '/health' }, /must be a list/],
    [{ publicPaths: ['health'] }, /start with "\/", got 'health'/],
    [{ publicPaths: [1] }, /got 1/],
    [{ publicPaths: ['/'] }, /would open every route/],
    [{ publicPaths: ['/docs/*'] }, /"\/docs" opens everything below/],
    [{ publicPaths: ['/a//b'] }, /not a plain path/],
    [{ publicPaths: ['/a/../b'] }, /not a plain path/],
    [{ publicPaths: ['/a?b'] }, /not a plain path/],
    [{ ownerParams: 'user_id' }, /"ownerParams" must be/],
    [{ ownerParams: [':user_id'] }, /without the colon/],
    [{ ownerParams: [''] }, /"ownerParams" must be/]
  ]
  for (const [options, message] of wrong) {
    t.throws(() => registerAccess(Fastify(), options as AccessOptions, createFakeAuthenticate()), message)
  }
})
