import rateLimit from '@fastify/rate-limit'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import authIntegration from '../../lib/index.js'
import { retiredSecret, secret, token } from '../fixtures/tokens.js'

function build (t: Test): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  return app
}

function routes (app: FastifyInstance): void {
  app.get('/health', async () => 'ok')
  app.get('/me', async (request) => request.userId)
}

async function statuses (app: FastifyInstance, times: number, url: string, authorization?: string): Promise<number[]> {
  const seen: number[] = []
  for (let i = 0; i < times; i++) {
    const response = await app.inject({ url, headers: authorization === undefined ? {} : { authorization } })
    seen.push(response.statusCode)
  }
  return seen
}

t.test('a limit that is a hook of the app, added before, counts refusals by address', async (t) => {
  const app = build(t)
  await app.register(rateLimit, { global: false })
  app.addHook('onRequest', app.rateLimit({ max: 3, timeWindow: '1 minute' }))
  await app.register(authIntegration, { secret, hook: 'onRequest' })
  routes(app)
  t.strictSame(await statuses(app, 5, '/me', `Bearer ${token({}, retiredSecret)}`), [401, 401, 401, 429, 429])
  const response = await app.inject('/me')
  t.equal(response.statusCode, 429)
  t.match(response.json(), { detail: /^Rate limit exceeded/ })
  t.match(response.headers['retry-after'], /^\d+$/)
})

t.test('a limit registered after counts by the verified user, and by address where there is none', async (t) => {
  const app = build(t)
  await app.register(authIntegration, { secret, hook: 'onRequest' })
  await app.register(rateLimit, { max: 2, timeWindow: '1 minute', keyGenerator: (request) => request.claims === null ? request.ip : request.userId })
  routes(app)
  t.strictSame(await statuses(app, 3, '/me', `Bearer ${token()}`), [200, 200, 429])
  t.strictSame(await statuses(app, 3, '/me', `Bearer ${token({ user_id: 'eve' })}`), [200, 200, 429])
  t.strictSame(await statuses(app, 3, '/health'), [200, 200, 429])
  t.strictSame(await statuses(app, 4, '/me'), [401, 401, 401, 401], 'its hooks are those of routes, and run after the guard')
})
