import fastifySwagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { buildGuarded } from '../fixtures/guarded-app.js'

const ownScheme = { own: { type: 'http', scheme: 'basic' } } as const

interface Operation { security?: object[], responses?: Record<string, { description?: string, content?: object }> }
interface Document { paths: Record<string, Record<string, Operation>>, components?: { securitySchemes?: object }, securityDefinitions?: object }

const handler = async (): Promise<string> => 'in'

function addRoutes (app: FastifyInstance): void {
  app.get('/health', handler)
  app.get('/me', { schema: { response: { 401: { description: 'Own words', type: 'object', properties: { x: { type: 'string' } } } } } }, async (request) => request.userId)
  app.get('/feed', { config: { auth: 'optional' } }, handler)
  app.register(async (scope) => {
    scope.get('/', handler)
    scope.post('/tasks', { schema: { body: { type: 'object' }, response: { 201: { description: 'made', type: 'string' } } } }, handler)
  }, { prefix: '/user/:user_id' })
  app.get('/own', { schema: { security: [{ own: [] }] } }, handler)
}

async function build (openapi: object | undefined, first: boolean): Promise<{ app: FastifyInstance, document: () => Document }> {
  const { app } = await buildGuarded()
  if (first) await app.register(fastifySwagger, openapi === undefined ? { swagger: { securityDefinitions: { own: { type: 'basic' } } } } : { openapi })
  addRoutes(app)
  await app.ready()
  return { app, document: () => (app as unknown as { swagger: () => Document }).swagger() }
}

t.test('protected routes carry the scheme and their refusals, public ones say that they are open', async (t) => {
  const { document } = await build({ components: { securitySchemes: ownScheme } }, true)
  const { paths, components } = document()
  const bearer = [{ bearerAuth: [] }]
  t.same(paths['/health']?.get?.security, [])
  t.same(Object.keys(paths['/health']?.get?.responses ?? {}), ['200'])
  t.same(paths['/me']?.get?.security, bearer)
  t.same(Object.keys(paths['/me']?.get?.responses ?? {}), ['401', '503'])
  t.equal(paths['/me']?.get?.responses?.['401']?.description, 'Own words')
  t.same(paths['/feed']?.get?.security, [{}, ...bearer])
  for (const [url, method] of [['/user/{user_id}/tasks', 'post'], ['/user/{user_id}/', 'get']] as const) {
    t.same(paths[url]?.[method]?.security, bearer, url)
    t.ok(['401', '403', '503'].every((status) => status in (paths[url]?.[method]?.responses ?? {})), url)
  }
  t.same(paths['/own']?.get?.security, [{ own: [] }])
  t.notOk('401' in (paths['/own']?.get?.responses ?? {}))
  t.same(components?.securitySchemes, { ...ownScheme, bearerAuth: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } })
  t.equal(document(), document(), 'asking again makes no new document')
})

t.test('a scheme the app declares itself stays, and its YAML says the same', async (t) => {
  const own = { ...ownScheme, bearerAuth: { type: 'http', scheme: 'bearer', description: 'ours' } }
  const { app, document } = await build({ components: { securitySchemes: own } }, true)
  t.same(document().components?.securitySchemes, own)
  const yaml = (app as unknown as { swagger: (options: object) => string }).swagger({ yaml: true })
  t.same(JSON.parse(yaml), JSON.parse(JSON.stringify(document())))
})

t.test('Swagger 2.0 documents get the scheme in their own words', async (t) => {
  const { document } = await build(undefined, true)
  t.same(document().securityDefinitions, { own: { type: 'basic' }, bearerAuth: { type: 'apiKey', name: 'authorization', in: 'header' } })
  t.match(document().paths['/me']?.get?.responses?.['503'], { schema: { type: 'object' } })
})

t.test('a document without protected routes declares no scheme', async (t) => {
  const { app } = await buildGuarded()
  await app.register(fastifySwagger, { openapi: {} })
  app.get('/health', handler)
  await app.ready()
  t.notOk('securitySchemes' in ((app.swagger() as unknown as Document).components ?? {}))
})

t.test('@fastify/swagger registered before the guard, or in a scope below it, is completed too', async (t) => {
  const { app } = await buildGuarded()
  app.register(async (scope) => {
    await scope.register(fastifySwagger, { openapi: {} })
    scope.get('/me', handler)
    scope.get('/document', { config: { auth: false }, schema: { hide: true } as object }, async () => scope.swagger())
  })
  t.same((await app.inject('/document')).json().paths['/me'].get.security, [{ bearerAuth: [] }])
})

t.test('the answers themselves stay as they were, and without @fastify/swagger nothing is touched', async (t) => {
  const { app } = await build({ components: { securitySchemes: ownScheme } }, true)
  const answer = await app.inject('/me')
  t.equal(answer.statusCode, 401)
  const plain = await build({}, false)
  t.equal((await plain.app.inject('/me')).statusCode, 401)
})

t.test('a document from a file is left as it is', async (t) => {
  const { app } = await buildGuarded()
  await app.register(fastifySwagger, { mode: 'static', specification: { document: { openapi: '3.0.3', info: { title: 'x', version: '1' }, paths: { '/x': { get: { responses: {} } } } } } })
  app.get('/x', handler)
  await app.ready()
  t.same(app.swagger().paths, { '/x': { get: { responses: {} } } })
})
