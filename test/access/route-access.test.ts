import t from 'tap'
import { routeSchemas } from '../../lib/types.js'
import { buildGuarded } from '../fixtures/guarded-app.js'

const handler = async (): Promise<string> => 'in'

t.test('every door is listed with its access, why, and where the rule stands, sorted', async (t) => {
  const { app } = await buildGuarded({ publicPaths: ['/health', '/files/open'] })
  app.route({ method: ['PUT', 'DELETE'], url: '/b', handler })
  app.get('/b', { exposeHeadRoute: false }, handler)
  app.get('/a/:user_id', handler)
  app.get('/health', handler)
  app.get('/files/*', handler)
  app.get('/feed', { config: { auth: 'optional' } }, handler)
  app.get('/open', { config: { auth: false } }, handler)
  app.get('/acc/:accountId', { config: { auth: { owner: 'accountId' } } }, handler)
  app.get('/any/:user_id', { config: { auth: { owner: false } } }, handler)
  app.get('/named', { onRequest: [app.verifyToken] }, handler)
  app.get('/v', { constraints: { version: '2.0.0' } }, handler)
  app.get('/v', { constraints: { version: '1.0.0' } }, handler)
  app.register(async (scope) => { scope.get('/', handler) }, { prefix: '/p' })
  await app.ready()
  const doors = app.routeAccess()
  t.same(JSON.parse(JSON.stringify(doors)), doors, 'it is plain JSON')
  t.same(doors.filter(({ method }) => method !== 'HEAD').map(({ method, url, access, where, why, constraints }) => [method, url, access, where, why, constraints?.version]), [
    ['GET', '/a/:user_id', 'owner', 'ownerParams', 'user_id must be the caller', undefined],
    ['GET', '/acc/:accountId', 'owner', 'config.auth', 'config.auth: accountId must be the caller', undefined],
    ['GET', '/any/:user_id', 'token', 'config.auth', 'config.auth asks for no owner', undefined],
    ['DELETE', '/b', 'token', 'default', 'no rule opens it', undefined],
    ['GET', '/b', 'token', 'default', 'no rule opens it', undefined],
    ['PUT', '/b', 'token', 'default', 'no rule opens it', undefined],
    ['GET', '/feed', 'optional', 'config.auth', 'config.auth is "optional"', undefined],
    ['GET', '/files/*', 'token', 'publicPaths', 'plain paths at or below the public path /files/open are open; no rule opens the rest', undefined],
    ['GET', '/health', 'public', 'publicPaths', 'at or below the public path /health', undefined],
    ['GET', '/named', 'token', 'route hook', 'the route names app.verifyToken', undefined],
    ['GET', '/open', 'public', 'config.auth', 'config.auth is false', undefined],
    ['GET', '/p', 'token', 'default', 'no rule opens it', undefined],
    ['GET', '/p/', 'token', 'default', 'no rule opens it', undefined],
    ['GET', '/v', 'token', 'default', 'no rule opens it', '1.0.0'],
    ['GET', '/v', 'token', 'default', 'no rule opens it', '2.0.0']
  ])
  for (const head of doors.filter(({ method }) => method === 'HEAD')) {
    t.match(doors.find(({ method, url, constraints }) => method === 'GET' && url === head.url && constraints?.version === head.constraints?.version), { access: head.access, why: head.why })
  }
})

t.test('with hook: false a door without the hook is listed as open', async (t) => {
  const { app } = await buildGuarded({ hook: false })
  app.get('/free/:user_id', handler)
  app.get('/mine', { preHandler: app.verifyToken }, handler)
  app.register(async (scope) => {
    scope.addHook('preHandler', scope.verifyToken)
    scope.register(async (inner) => { inner.get('/inner', handler) })
  })
  await app.ready()
  t.same(app.routeAccess().filter(({ method }) => method === 'GET').map(({ url, access, where }) => [url, access, where]), [
    ['/free/:user_id', 'public', 'hook'], ['/inner', 'token', 'default'], ['/mine', 'token', 'route hook']
  ])
})

t.test('the schemas of the routes are kept for the testing kit', async (t) => {
  const { app } = await buildGuarded()
  const schema = { body: { type: 'object' } }
  app.route({ method: ['POST', 'PUT'], url: '/x', schema, handler })
  app.get('/y', handler)
  await app.ready()
  const schemas = (app as unknown as { [routeSchemas]: () => Map<string, unknown> })[routeSchemas]()
  t.same([...schemas.keys()], ['POST /x', 'PUT /x', 'GET /y', 'HEAD /y'])
  t.match(schemas.get('PUT /x'), schema)
})
