import fastifyCors from '@fastify/cors'
import Fastify from 'fastify'
import t from 'tap'
import { refuseEarlyRoutes } from '../../lib/access/early-routes.js'

const handler = async (): Promise<string> => 'in'

t.test('an app with nothing in it, or only its own @fastify/cors, is fine', async (t) => {
  const app = Fastify()
  t.doesNotThrow(() => refuseEarlyRoutes(app))
  await app.register(fastifyCors)
  t.doesNotThrow(() => refuseEarlyRoutes(app))
})

t.test('routes and scopes are named, and what to do', async (t) => {
  const app = Fastify()
  app.get('/early', handler)
  app.post('/early/:id', handler)
  app.options('/early', handler)
  await app.register(async function billing (scope) { scope.get('/', handler) }, { prefix: '/bills' })
  await app.register(async () => {})
  t.throws(() => refuseEarlyRoutes(app), {
    name: 'TypeError',
    message: /GET, HEAD, OPTIONS \/early.*POST .*:id.* and the plugins "billing" \(\/bills\), "async \(\) => \{\s*\}"\. Write `await app\.register/
  })
})

t.test('below the root only the scope\'s own children count', async (t) => {
  const app = Fastify()
  app.get('/outside', handler)
  await app.register(async (scope) => {
    refuseEarlyRoutes(scope)
    await scope.register(async function inner () {})
    t.throws(() => refuseEarlyRoutes(scope), /the plugins "inner"/)
  })
  await app.ready()
})
