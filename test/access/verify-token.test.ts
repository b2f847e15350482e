import fastifyCors from '@fastify/cors'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
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

for (const hook of ['preHandler', 'onRequest'] as const) {
  for (const slow of [false, true]) {
    t.test(`a route without a rule needs a token (${hook}, ${slow ? 'with' : 'without'} a promise)`, async (t) => {
      const { app, authenticate } = await build({ hook }, {}, slow)
      app.get('/me', async (request) => ({ id: request.userId, claims: request.claims?.user_id }))

      const stranger = await app.inject('/me')
      t.equal(stranger.statusCode, 401)
      t.equal(stranger.headers['www-authenticate'], 'Bearer')
      t.equal((await app.inject({ url: '/me', headers: { authorization: 'Bearer bad' } })).statusCode, 401)
      authenticate.calls = 0
      t.same((await app.inject({ url: '/me', headers: as('alice') })).json(), { id: 'alice', claims: 'alice' })
      t.equal(authenticate.calls, 1)
    })

    t.test(`the owner in the URL is the caller, or it is 403 (${hook}, ${slow ? 'with' : 'without'} a promise)`, async (t) => {
      const { app } = await build({ hook }, {}, slow)
      app.get('/a/:user_id/tasks', async () => 'mine')
      app.get('/b/:userId', async () => 'mine')

      for (const url of ['/a/alice/tasks', '/b/alice', '/b/%61lice']) {
        t.equal((await app.inject({ url, headers: as('alice') })).statusCode, 200, url)
        t.equal((await app.inject({ url, headers: as('bob') })).statusCode, 403, url)
        t.equal((await app.inject({ url })).statusCode, 401, url)
      }
      for (const url of ['/a/Alice/tasks', '/b/alice%20', '/b/alice%00', '/b/alic%C3%A9']) {
        t.equal((await app.inject({ url, headers: as('alice') })).statusCode, 403, url)
      }
    })
  }
}

t.test('a parameter that validation turns into somebody else is 403', async (t) => {
  const { app } = await build({ hook: 'onRequest' })
  const handler = async (request: { params: unknown }): Promise<unknown> => request.params
  const numbers = { params: { type: 'object', properties: { user_id: { type: 'integer' } } } }
  app.get('/u/:user_id', { schema: numbers }, handler)
  app.get('/maybe/:user_id', { schema: numbers, config: { auth: 'optional' } }, handler)
  app.get('/plain/:user_id', handler)
  app.get('/lower/:user_id', {
    schema: { params: {} },
    validatorCompiler: () => (params: { user_id: string }) => ({ value: { user_id: params.user_id.toLowerCase() } })
  }, handler)
  for (const [url, user, status] of [
    ['/u/42', '42', 200], ['/u/042', '042', 403], ['/u/4.0e1', '4.0e1', 403], ['/u/42', '042', 403],
    ['/maybe/042', '042', 403], ['/maybe/42', '42', 200], ['/lower/ADA', 'ADA', 403], ['/lower/ada', 'ada', 200], ['/plain/042', '042', 200]
  ] as const) t.equal((await app.inject({ url, headers: as(user) })).statusCode, status, `${url} as ${user}`)
  t.same((await app.inject('/maybe/042')).json(), { user_id: 42 })
})

t.test('ids with escapes, unicode and upper case are compared decoded and exactly', async (t) => {
  const { app } = await build()
  app.get('/u/:user_id', async () => 'mine')
  for (const id of ['a/b', 'é', 'e\u0301', 'ID', 'a b', '100%', '日本', '?', '#', 'a+b', '..']) {
    const url = `/u/${encodeURIComponent(id).replaceAll('.', '%2E')}`
    if (id === '..') continue
    t.equal((await app.inject({ url, headers: as(id) })).statusCode, 200, id)
    t.equal((await app.inject({ url, headers: as(id.toLowerCase() === id ? `${id}x` : id.toLowerCase()) })).statusCode, 403, id)
  }
  t.equal((await app.inject({ url: `/u/${encodeURIComponent('é')}`, headers: as('e\u0301') })).statusCode, 403)
})

t.test('a parameter that a schema made a number of is compared as text', async (t) => {
  const { app } = await build()
  app.get('/u/:user_id', { schema: { params: { type: 'object', properties: { user_id: { type: 'integer' } } } } }, async () => 'mine')
  t.equal((await app.inject({ url: '/u/42', headers: as('42') })).statusCode, 200)
  t.equal((await app.inject({ url: '/u/43', headers: as('42') })).statusCode, 403)
})

t.test('an optional parameter that is left out is nobody, so it is 403', async (t) => {
  const { app } = await build()
  app.get('/u/:user_id?', async () => 'mine')
  t.equal((await app.inject({ url: '/u/alice', headers: as('alice') })).statusCode, 200)
  t.equal((await app.inject({ url: '/u', headers: as('alice') })).statusCode, 403)
})

for (const slow of [false, true]) {
  t.test(`config.auth "optional" takes a good token or none, never a bad one (${slow ? 'with' : 'without'} a promise)`, async (t) => {
    const { app } = await build({}, {}, slow)
    app.get('/feed', { config: { auth: 'optional' } }, async (request) => ({ for: request.claims?.user_id ?? 'anyone' }))
    t.same((await app.inject('/feed')).json(), { for: 'anyone' })
    t.same((await app.inject({ url: '/feed', headers: { authorization: 'Basic eA==' } })).json(), { for: 'anyone' })
    t.same((await app.inject({ url: '/feed', headers: as('alice') })).json(), { for: 'alice' })
    t.equal((await app.inject({ url: '/feed', headers: { authorization: 'Bearer bad' } })).statusCode, 401)
  })
}

t.test('config.auth names the owner, several or none', async (t) => {
  const { app } = await build()
  app.get('/a/:accountId', { config: { auth: { owner: 'accountId' } } }, async () => 'in')
  app.get('/b/:one/:two', { config: { auth: { owner: ['one', 'two'] } } }, async () => 'in')
  app.get('/c/:user_id', { config: { auth: { owner: false } } }, async () => 'in')
  const status = async (url: string): Promise<number> => (await app.inject({ url, headers: as('alice') })).statusCode
  t.equal(await status('/a/alice'), 200)
  t.equal(await status('/a/bob'), 403)
  t.equal(await status('/b/alice/alice'), 200)
  t.equal(await status('/b/alice/bob'), 403)
  t.equal(await status('/b/bob/alice'), 403)
  t.equal(await status('/c/bob'), 200)
  t.equal((await app.inject('/c/bob')).statusCode, 401)
})

t.test('the hook on a route and everywhere verifies once a request', async (t) => {
  for (const hook of ['preHandler', 'onRequest', false] as const) {
    const { app, authenticate } = await build({ hook })
    app.get('/me', { onRequest: app.verifyToken, preHandler: [app.verifyToken] }, async (request) => request.userId)
    t.equal((await app.inject('/me')).statusCode, 401)
    authenticate.calls = 0
    t.equal((await app.inject({ url: '/me', headers: as('alice') })).body, 'alice')
    t.equal(authenticate.calls, 1)
  }
})

async function buildOpen (publicPaths: string[], before?: (app: FastifyInstance) => Promise<void>): Promise<FastifyInstance> {
  const app = Fastify()
  await before?.(app)
  await app.register(fp(async (instance) => registerAccess(instance, { publicPaths, hook: 'onRequest' }, createFakeAuthenticate())))
  return app
}

t.test('under a wildcard only plain paths below a public path are open', async (t) => {
  const app = await buildOpen(['/health', '/api/auth/sign-in', '/t/:tenant/open'])
  for (const url of ['/health/*', '/api/auth/*', '/t/:tenant/*', '/files*', '/healthier/*']) app.get(url, async () => 'in')
  const status = async (url: string): Promise<number> => (await app.inject(url)).statusCode
  for (const url of ['/health/a', '/health/a/b?x=../y', '/health/~a!$&\'()*+,=:@', '/api/auth/sign-in', '/api/auth/sign-in/email', '/t/acme/open/x']) t.equal(await status(url), 200, url)
  for (const url of ['/health/%61', '/health/a;b', '/health/a/', '/health//a', '/api/auth/sign-inn', '/api/auth/session', '/api/auth/Sign-In', '/t/acme/closed', '/files', '/files/health', '/healthier/x']) t.equal(await status(url), 401, url)
})

t.test('a wildcard at the root opens only what a public path names', async (t) => {
  const app = await buildOpen(['/assets'])
  app.get('/*', async () => 'in')
  t.equal((await app.inject('/assets/app.js')).statusCode, 200)
  t.equal((await app.inject('/')).statusCode, 401)
  t.equal((await app.inject('/assets-private/app.js')).statusCode, 401)
})

t.test('an app\'s own @fastify/cors goes before, and its preflights pass', async (t) => {
  const app = await buildOpen([], async (app) => { await app.register(fastifyCors, { origin: 'https://web.example.app' }) })
  app.get('/me', async () => 'in')
  app.options('/mine', async () => 'in')
  const headers = { origin: 'https://web.example.app', 'access-control-request-method': 'GET' }
  t.equal((await app.inject({ method: 'OPTIONS', url: '/me', headers })).statusCode, 204)
})

t.test('OPTIONS of the app\'s own is a route like any other, even when it looks like a preflight', async (t) => {
  const app = await buildOpen([])
  app.options('/mine', async () => 'in')
  app.options('*', async () => 'in')
  const headers = { origin: 'https://web.example.app', 'access-control-request-method': 'GET' }
  for (const url of ['/mine', '/other']) {
    t.equal((await app.inject({ method: 'OPTIONS', url })).statusCode, 401)
    t.equal((await app.inject({ method: 'OPTIONS', url, headers })).statusCode, 401)
    t.equal((await app.inject({ method: 'OPTIONS', url, headers: as('alice') })).statusCode, 200)
  }
})

t.test('an OPTIONS route of a scope is not taken for the one of @fastify/cors', async (t) => {
  const app = await buildOpen([], async (app) => { await app.register(fastifyCors, { origin: false }) })
  app.register(async (scope) => { scope.options('*', async () => 'in') }, { prefix: '/v1' })
  t.equal((await app.inject({ method: 'OPTIONS', url: '/v1/x' })).statusCode, 401)
  t.equal((await app.inject({ method: 'OPTIONS', url: '/x' })).statusCode, 404)
})

t.test('@fastify/cors registered after the guard keeps its preflight route', async (t) => {
  const app = Fastify()
  await app.register(fp(async (instance) => registerAccess(instance, {}, createFakeAuthenticate())))
  await app.register(fastifyCors, { origin: 'https://web.example.app' })
  app.get('/me', async () => 'in')
  const headers = { origin: 'https://web.example.app', 'access-control-request-method': 'GET' }
  t.equal((await app.inject({ method: 'OPTIONS', url: '/me', headers })).statusCode, 204)
  t.same(app.routeAccess().map(({ method }) => method), ['GET', 'HEAD'])
})
