import fastifyCors from '@fastify/cors'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import t from 'tap'
import { registerCors } from '../../lib/cors/register-cors.js'
import { errors } from '../../lib/errors.js'
import type { AuthIntegrationOptions } from '../../lib/options.js'
import { listedOrigins, strangeOrigins } from '../fixtures/strange-origins.js'

type Options = Pick<AuthIntegrationOptions, 'frontendUrl' | 'cors'>
const web = 'https://web.example.app'
const chat = 'https://chat.example.app'
const frontendUrl = `${web}/, ${chat}`

async function build (options: Options = { frontendUrl }): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(fp(async (instance) => { await registerCors(instance, options) }))
  return app
}

function preflight (origin: string, method = 'PATCH'): { method: 'OPTIONS', url: string, headers: Record<string, string> } {
  return { method: 'OPTIONS', url: '/tasks/5', headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': 'authorization, x-anything' } }
}

t.test('preflights of each origin pass without a token, for every REST method and header', async (t) => {
  const app = await build()
  app.addHook('onRequest', async () => { throw new errors.MissingToken() })
  app.patch('/tasks/:id', async () => 'in')
  for (const origin of [web, chat]) {
    const response = await app.inject(preflight(origin))
    t.equal(response.statusCode, 204)
    t.equal(response.headers['access-control-allow-origin'], origin)
    t.equal(response.headers['access-control-allow-credentials'], 'true')
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) t.ok(String(response.headers['access-control-allow-methods']).split(', ').includes(method), method)
    t.equal(response.headers['access-control-allow-headers'], 'authorization, x-anything')
    t.match(response.headers.vary, /Origin/)
  }
})

t.test('a refused origin gets neither allow header', async (t) => {
  const app = await build()
  app.get('/tasks/:id', async () => 'in')
  for (const origin of ['https://evil.example', 'null']) {
    const refused = await app.inject(preflight(origin))
    const read = await app.inject({ url: '/tasks/5', headers: { origin } })
    t.equal(refused.statusCode, 404)
    for (const response of [refused, read]) {
      t.same(Object.keys(response.headers).filter((name) => name.startsWith('access-control-')), [])
      t.match(response.headers.vary, /Origin/)
    }
  }
})

t.test('none of the strange origins is admitted, whatever is asked for', async (t) => {
  const app = await build({ frontendUrl: listedOrigins })
  app.get('/tasks/:id', async () => 'in')
  const admitted = []
  for (const origin of strangeOrigins) {
    for (const request of [preflight(origin ?? ''), { url: '/tasks/5', headers: { origin: origin ?? '' } }]) {
      const { headers } = await app.inject(request)
      if (Object.keys(headers).some((name) => name.startsWith('access-control-'))) admitted.push(origin)
    }
  }
  t.same(admitted, [])
})

t.test('error responses carry the headers too', async (t) => {
  const app = await build()
  const classes = [errors.MissingToken, errors.Forbidden, errors.NotFound, errors.Conflict, errors.KeySetUnavailable]
  for (const Failure of classes) app.get(`/${Failure.name}`, async () => { throw new Failure() })
  app.get('/crash', async () => { throw new Error('x') })
  for (const [url, status] of [['/MissingToken', 401], ['/Forbidden', 403], ['/NotFound', 404], ['/unknown', 404], ['/Conflict', 409], ['/crash', 500], ['/KeySetUnavailable', 503]] as const) {
    const response = await app.inject({ url, headers: { origin: web } })
    t.equal(response.statusCode, status)
    t.equal(response.headers['access-control-allow-origin'], web)
    t.equal(response.headers['access-control-allow-credentials'], 'true')
    t.equal(response.headers['access-control-expose-headers'], 'set-auth-jwt, set-auth-token')
    t.equal(response.headers.vary, 'Origin')
  }
})

t.test('responses to callers without an origin vary by it all the same', async (t) => {
  const app = await build()
  app.get('/', async () => 'in')
  const response = await app.inject('/')
  t.equal(response.headers.vary, 'Origin')
  t.equal(response.headers['access-control-allow-credentials'], undefined)
})

t.test('an OPTIONS request that is no preflight is an unknown path', async (t) => {
  const app = await build()
  app.get('/tasks/:id', async () => 'in')
  t.equal((await app.inject({ method: 'OPTIONS', url: '/tasks/5' })).statusCode, 404)
  t.equal((await app.inject({ method: 'OPTIONS', url: '/tasks/5', headers: { origin: 'https://evil.example' } })).statusCode, 404)
})

t.test('an OPTIONS request without a method to ask about is left to the app', async (t) => {
  const app = await build()
  app.options('/own', async () => ({ allows: 'GET' }))
  app.get('/tasks/:id', async () => 'in')
  const own = await app.inject({ method: 'OPTIONS', url: '/own', headers: { origin: web } })
  t.match({ status: own.statusCode, body: own.body, origin: own.headers['access-control-allow-origin'] }, { status: 200, body: '{"allows":"GET"}', origin: web })
  const none = await app.inject({ method: 'OPTIONS', url: '/tasks/5', headers: { origin: web } })
  t.match({ status: none.statusCode, type: none.headers['content-type'] }, { status: 404, type: /json/ })
  t.equal((await app.inject({ ...preflight(web, ''), url: '/own' })).statusCode, 200)
  t.equal((await app.inject({ ...preflight(web), url: '/own' })).statusCode, 204)
})

t.test('of a preflight no header but Vary is left on the app\'s own response', async (t) => {
  const app = await build({ frontendUrl, cors: { maxAge: 600, cacheControl: 600, allowedHeaders: ['authorization'] } })
  app.options('/own', async () => 'own')
  const { headers } = await app.inject({ method: 'OPTIONS', url: '/own', headers: { origin: web } })
  t.same(Object.keys(headers).filter((name) => name.startsWith('access-control-') || name === 'cache-control').sort(),
    ['access-control-allow-credentials', 'access-control-allow-origin', 'access-control-expose-headers'])
  t.equal((await app.inject(preflight(web))).headers['cache-control'], 'max-age=600')
})

t.test('what the app says of caching stays on its response, and a route\'s own options count', async (t) => {
  const app = Fastify()
  app.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })
  await app.register(fp(async (instance) => { await registerCors(instance, { frontendUrl }) }))
  app.options('/own', async () => 'own')
  app.options('/more', { config: { cors: { preflightContinue: true } } as object }, async () => 'more')
  app.options('/less', { config: { cors: { optionsSuccessStatus: 200 } } as object }, async () => 'less')
  t.equal((await app.inject({ method: 'OPTIONS', url: '/own', headers: { origin: web } })).headers['cache-control'], 'no-store')
  t.equal((await app.inject({ ...preflight(web), url: '/more' })).body, 'more')
  const less = await app.inject({ ...preflight(web), url: '/less' })
  t.strictSame([less.statusCode, less.body], [200, ''])
})

t.test('strictPreflight says what an OPTIONS request without a method to ask about is', async (t) => {
  const request = { method: 'OPTIONS', url: '/tasks/5', headers: { origin: web } } as const
  t.equal((await (await build({ frontendUrl, cors: { strictPreflight: true } })).inject(request)).statusCode, 400)
  t.equal((await (await build({ frontendUrl, cors: { strictPreflight: false } })).inject(request)).statusCode, 204)
})

t.test('a preflight gets the status asked for, or goes on to the app', async (t) => {
  const response = await (await build({ frontendUrl, cors: { optionsSuccessStatus: 200 } })).inject(preflight(web))
  t.match({ status: response.statusCode, length: response.headers['content-length'], body: response.body }, { status: 200, length: '0', body: '' })
  const app = await build({ frontendUrl, cors: { preflightContinue: true } })
  app.options('/tasks/:id', async () => 'own')
  const own = await app.inject(preflight(web))
  t.match({ status: own.statusCode, body: own.body }, { status: 200, body: 'own' })
  t.match(own.headers['access-control-allow-methods'], /PATCH/)
})

t.test('preflights can be switched off', async (t) => {
  const app = await build({ frontendUrl, cors: { preflight: false } })
  t.equal((await app.inject(preflight(web))).statusCode, 404)
})

for (const [set, expected] of [['Accept', 'Accept, Origin'], ['accept-encoding, origin', 'accept-encoding, origin'], ['*', '*'], [['Accept', 'Cookie'], 'Accept,Cookie, Origin'], [undefined, 'Origin']] as const) {
  t.test(`a handler that sets Vary to ${String(set)} leaves it varying by the origin`, async (t) => {
    const app = await build()
    app.get('/', async (_request, reply) => {
      reply.removeHeader('vary')
      if (set !== undefined) reply.header('vary', set)
      return 'in'
    })
    app.get('/fails', async (_request, reply) => {
      reply.header('vary', 'Accept')
      throw new errors.NotFound()
    })
    for (const headers of [{}, { origin: web }, { origin: 'https://evil.example' }]) {
      t.equal(String((await app.inject({ url: '/', headers })).headers.vary).replaceAll(', ', ','), expected.replaceAll(', ', ','))
      t.match((await app.inject({ url: '/fails', headers })).headers.vary, 'Origin')
    }
  })
}

t.test('further options go through to @fastify/cors', async (t) => {
  const app = await build({ frontendUrl, cors: { maxAge: 600, exposedHeaders: 'x-total, Set-Auth-Jwt', allowedHeaders: ['authorization'] } })
  const response = await app.inject(preflight(web))
  t.equal(response.headers['access-control-max-age'], '600')
  t.equal(response.headers['access-control-allow-headers'], 'authorization')
  t.match(response.headers['access-control-expose-headers'], /^set-auth-jwt, set-auth-token, x-total/)
})

t.test('without an origin nothing is registered, and other origins read nothing', async (t) => {
  for (const options of [{ frontendUrl: '' }, { frontendUrl: [] }, { frontendUrl, cors: false }, {}] satisfies Options[]) {
    const app = await build(options)
    app.get('/tasks/:id', async () => 'in')
    t.equal((await app.inject({ url: '/tasks/5', headers: { origin: web } })).headers['access-control-allow-origin'], undefined)
    t.equal((await app.inject(preflight(web))).statusCode, 404)
  }
})

t.test('FRONTEND_URL is the default', async (t) => {
  const before = process.env.FRONTEND_URL
  t.teardown(() => {
    if (before === undefined) delete process.env.FRONTEND_URL
    else process.env.FRONTEND_URL = before
  })
  process.env.FRONTEND_URL = frontendUrl
  t.equal((await (await build({})).inject(preflight(chat))).headers['access-control-allow-origin'], chat)
  process.env.FRONTEND_URL = 'web.example.app'
  await t.rejects(build({}), /"web\.example\.app" is not an origin/)
})

t.test('options that would undo the list are refused', async (t) => {
  await t.rejects(build({ frontendUrl, cors: { origin: '*' } as Options['cors'] & object }), /"cors\.origin" is not taken/)
  await t.rejects(build({ frontendUrl, cors: { delegator: () => {} } as unknown as Options['cors'] & object }), /"cors\.delegator" is not taken/)
  await t.rejects(build({ frontendUrl, cors: { hook: 'preHandler' } }), /"cors\.hook" has to be "onRequest"/)
})

t.test('an origin that is none is refused even where CORS is the app\'s own', async (t) => {
  await t.rejects(build({ frontendUrl: 'garbage', cors: false }), /"garbage" is not an origin/)
})

t.test('a second @fastify/cors is one sentence, in either order and in a scope below', async (t) => {
  const first = Fastify()
  await first.register(fastifyCors)
  await t.rejects(async () => { await first.register(fp(async (instance) => { await registerCors(instance, { frontendUrl }) })) }, /registered by the app and by fastify-auth-integration: pass cors: false/)

  // Called as Fastify calls it: what a callback plugin throws ends the process, with this sentence.
  const last = await build()
  t.throws(() => fastifyCors(last, {}, () => {}), /pass cors: false/)

  const below = await build()
  await t.rejects(async () => { await below.register(async (scope) => { fastifyCors(scope, {}, () => {}) }) }, /pass cors: false/)

  const own = Fastify()
  await own.register(fastifyCors, { origin: web })
  await own.register(fp(async (instance) => { await registerCors(instance, { frontendUrl, cors: false }) }))
  await own.ready()

  const other = await build()
  other.decorateRequest('other', null)
  t.ok(other.hasRequestDecorator('other'))
})
