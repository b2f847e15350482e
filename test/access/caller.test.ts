import Fastify from 'fastify'
import t from 'tap'
import { decorateCaller } from '../../lib/access/caller.js'
import { callerKey, nobody } from '../../lib/access/verify-token.js'

t.test('userId and claims tell what the slot holds, and never lie', async (t) => {
  const app = Fastify()
  decorateCaller(app, 'preHandler')
  const claims = Object.freeze({ exp: 4e9, user_id: 'alice' })
  app.get('/', async (request) => {
    t.equal(request.claims, null)
    t.throws(() => request.userId, {
      code: 'FAI_UNVERIFIED',
      statusCode: 401,
      message: 'Missing token',
      reason: 'hook_order',
      cause: { message: /on GET \/ before app\.verifyToken ran/ },
      headers: { 'www-authenticate': 'Bearer' }
    })
    request[callerKey] = nobody
    t.equal(request.claims, null)
    t.throws(() => request.userId, { code: 'FAI_UNVERIFIED', statusCode: 401, reason: 'unverified', headers: { 'www-authenticate': 'Bearer' } })
    request[callerKey] = { userId: 'alice', claims, scopes: [], isAccessToken: false }
    t.equal(request.userId, 'alice')
    t.equal(request.claims, claims)
    return 'done'
  })
  t.equal((await app.inject('/')).body, 'done')
})
