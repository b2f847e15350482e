import Fastify from 'fastify'
import t from 'tap'
import { preflightFlag } from '../../lib/cors/cors-options.js'
import { corsHook } from '../../lib/cors/preflight.js'

t.test('@fastify/cors is registered without its hook, which is handed out', async (t) => {
  const app = Fastify()
  const hook = corsHook(app, { origin: ['https://web.example.app'] })
  t.type(hook, 'function')
  t.ok(app.hasRequestDecorator(preflightFlag))
  app.get('/', async () => 'in')
  t.equal((await app.inject({ url: '/', headers: { origin: 'https://web.example.app' } })).headers['access-control-allow-origin'], undefined)
})

t.test('what it refuses is thrown', async (t) => {
  t.throws(() => corsHook(Fastify(), { origin: true, hook: 'never' as never }), { name: 'TypeError' })
})
