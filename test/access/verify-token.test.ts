import fastifyCors from '@fastify/cors'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { registerAccess } from '../../lib/access/register-access.js'
import { as, createFakeAuthenticate } from '../fixtures/fake-authenticate.js'

async function build (publicPaths: string[], before?: (app: FastifyInstance) => Promise<void>): Promise<FastifyInstance> {
  const app = Fastify()
  await before?.(app)
  await app.register(fp(async (instance) => registerAccess(instance, { publicPaths, hook: 'onRequest' }, createFakeAuthenticate())))
  return app
}

t.test('under a wildcard only plain paths below a public path are open', async (t) => {
  const app = await build(['/health', '/api/auth/sign-in', '/t/:tenant/open'])
  for (const url of ['/health/*', '/api/auth/*', '/t/:tenant/*', '/files*', '/healthier/*']) app.get(url, async () => 'in')
  const status = async (url: string): Promise<number> => (await app.inject(url)).statusCode
  for (const url of ['/health/a', '/health/a/b?x=../y', '/health/~a!$&\'()*+,=:@', '/api/auth/sign-in', '/api/auth/sign-in/email', '/t/acme/open/x']) t.equal(await status(url), 200, url)
  for (const url of ['/health/%61', '/health/a;b', '/health/a/', '/health//a', '/api/auth/sign-inn', '/api/auth/session', '/api/auth/Sign-In', '/t/acme/closed', '/files', '/files/health', '/healthier/x']) t.equal(await status(url), 401, url)
})

t.test('a wildcard at the root opens only what a public path names', async (t) => {
  const app = await build(['/assets'])
  app.get('/*', async () => 'in')
  t.equal((await app.inject('/assets/app.js')).statusCode, 200)
  t.equal((await app.inject('/')).statusCode, 401)
  t.equal((await app.inject('/assets-private/app.js')).statusCode, 401)
})

t.test('an app\'s own @fastify/cors goes before, and its preflights pass', async (t) => {
  const app = await build([], async (app) => { await app.register(fastifyCors, { origin: 'https://web.example.app' }) })
  app.get('/me', async () => 'in')
  app.options('/mine', async () => 'in')
  const headers = { origin: 'https://web.example.app', 'access-control-request-method': 'GET' }
  t.equal((await app.inject({ method: 'OPTIONS', url: '/me', headers })).statusCode, 204)
})

t.test('OPTIONS of the app\'s own is a route like any other, even when it looks like a preflight', async (t) => {
  const app = await build([])
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
  const app = await build([], async (app) => { await app.register(fastifyCors, { origin: false }) })
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
