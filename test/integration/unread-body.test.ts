import Fastify from 'fastify'
import t from 'tap'
import authIntegration from '../../lib/index.js'
import { listenOnLoopback, rawRequest } from '../fixtures/raw-request.js'

t.test('with hook: \'onRequest\' a stranger is answered before the body has arrived, and nothing of it is read', async (t) => {
  const app = Fastify({ bodyLimit: 2e9 })
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret: 'a secret for tests of thirty-two bytes', hook: 'onRequest', cors: false })
  let parsed = 0
  app.addHook('preParsing', async () => { parsed++ })
  app.post('/upload', async () => 'in')
  const port = await listenOnLoopback(app)
  const lines = ['POST /upload HTTP/1.1', 'Host: x', 'Content-Type: application/json', 'Connection: close', 'Content-Length: 1000000000']
  const { status, body } = await rawRequest(port, lines, '{')
  t.equal(status, 401)
  t.same(JSON.parse(body), { detail: 'Missing token' })
  t.equal(parsed, 0)
})
