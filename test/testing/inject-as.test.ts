import t from 'tap'
import Fastify from 'fastify'
import authIntegration from '../../lib/index.js'
import { injectAs } from '../../lib/testing/inject-as.js'
import { createTestIssuer } from '../../lib/testing/test-issuer.js'

t.test('requests are made as the user, with the app\'s own secret or an issuer\'s keys', async (t) => {
  const issuer = await createTestIssuer()
  t.teardown(() => issuer.close())
  const app = Fastify()
  await app.register(authIntegration, { secret: issuer.secret, issuer: 'me', cors: false })
  app.get('/me', async (request) => request.userId)
  app.post('/echo', async (request) => ({ id: request.userId, body: request.body, x: request.headers['x-y'] }))
  const asAlice = injectAs(app, 'alice', { claims: { iss: 'me' } })
  t.equal((await asAlice('/me')).body, 'alice')
  t.same((await asAlice({ method: 'POST', url: '/echo', headers: { 'x-y': '1' }, payload: { a: 1 } })).json(), { id: 'alice', body: { a: 1 }, x: '1' })
  t.equal((await injectAs(app, 'bob', { issuer, claims: { iss: 'me' } })('/me')).body, 'bob')
})

t.test('an app without a secret needs an issuer', async (t) => {
  await t.rejects(injectAs(Fastify(), 'alice')('/me'), /pass an issuer, as in injectAs\(app, userId, \{ issuer \}\)/)
})
