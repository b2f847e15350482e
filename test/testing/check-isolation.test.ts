import Fastify from 'fastify'
import { randomUUID } from 'node:crypto'
import t from 'tap'
import { z } from 'zod'
import authIntegration from '../../lib/index.js'
import { checkIsolation } from '../../lib/testing/check-isolation.js'
import { createTestIssuer } from '../../lib/testing/test-issuer.js'
import { secret } from '../fixtures/tokens.js'
import { buildNotesApp, type Mistake } from '../fixtures/notes-app.js'

t.test('an app that keeps its users apart has no leak, and every route is proven', async (t) => {
  const { app } = await buildNotesApp()
  const report = await checkIsolation(app)
  t.same(report, { leaks: [], unproven: [], routes: 9 })
})

const planted: [Mistake, string, RegExp][] = [
  ['list', 'GET /notes', /^showed /],
  ['read', 'GET /notes/:id', /^showed /],
  ['rename', 'PATCH /notes/:id', /^changed what the owner reads at GET \/notes/],
  ['delete', 'DELETE /notes/:id', /^changed what the owner reads at GET \/notes/],
  ['open', 'GET /notes', /^showed /],
  ['url', 'GET /user/:user_id/count', /^succeeded on a URL of the other user/],
  ['header', 'POST /notes', /^showed /],
  ['owner', 'POST /notes', /^changed what the owner reads at GET \/notes/]
]
for (const [mistake, door, what] of planted) {
  t.test(`a planted leak is found: ${mistake}`, async (t) => {
    const { app } = await buildNotesApp([mistake])
    const { leaks } = await checkIsolation(app, { users: ['alice-0001', 'bob-000002'] })
    t.ok(leaks.some((leak) => `${leak.method} ${leak.url}` === door && what.test(leak.what)), JSON.stringify(leaks[0]))
    t.ok(leaks.every(({ caller, owner }) => caller !== owner))
  })
}

t.test('a route that lets nobody in is a leak, whatever it responses', async (t) => {
  const { app } = await buildNotesApp()
  const routeAccess = app.routeAccess.bind(app)
  app.get('/forgotten', { config: { auth: false } }, async () => ({ fine: true }))
  // As a guard with a hole would say it.
  app.routeAccess = () => routeAccess().map((row) => row.url === '/forgotten' ? { ...row, access: 'token' } : row)
  const { leaks } = await checkIsolation(app, { inputs: { 'GET /notes': { headers: { 'x-any': '1' } } } })
  t.match(leaks, [{ url: '/forgotten', caller: 'nobody', status: 200, what: 'let a caller without a token in' }, { url: '/forgotten', caller: 'nobody' }])
})

t.test('given inputs, secrets and an issuer are used, and what fails for everyone is unproven', async (t) => {
  const issuer = await createTestIssuer()
  t.teardown(() => issuer.close())
  const { app } = await buildNotesApp([], { jwks: issuer.jwksUrl })
  app.get<{ Querystring: { code: string } }>('/coded', { schema: { querystring: { type: 'object', required: ['code'], properties: { code: { type: 'string', pattern: '^[A-Z]{3}$' } } } } }, async () => ({ fine: true }))
  app.get('/vault', async () => ({ note: 'what only bob may read' }))
  app.get('/out', async () => { throw new Error('x') })
  const token = (userId: string): string => issuer.token(userId, { family: 'jwks' })
  const options = { issuer: { token }, users: ['alice', 'bob'] as [string, string], secrets: { bob: ['what only bob may read'] } }
  const plain = await checkIsolation(app, options)
  t.same(plain.unproven, [{ method: 'GET', url: '/coded', status: 400 }, { method: 'GET', url: '/out', status: 500 }])
  t.match(plain.leaks, [{ method: 'GET', url: '/vault', caller: 'alice', owner: 'bob' }])
  const given = await checkIsolation(app, { ...options, inputs: { 'GET /coded': () => ({ query: { code: 'ABC' } }), 'GET /out': false, 'GET /vault': false } })
  t.same(given, { leaks: [], unproven: [], routes: 10 })
})

// The response to a PUT is a row of the caller's too, and the rows were gone through while they grew, without an end.
t.test('a PUT below a row is driven once for each row that was there', { timeout: 20_000 }, async (t) => {
  const { app } = await buildNotesApp()
  let driven = 0
  app.put<{ Params: { id: string } }>('/stars/:id', async (request) => {
    driven += 1
    return { noteId: request.params.id, userId: request.userId }
  })
  await checkIsolation(app)
  t.ok(driven < 20, `${driven} times`)
})

t.test('an app without the guard, or without a way to sign, is told', async (t) => {
  await t.rejects(checkIsolation(Fastify()), /needs an app that has registered fastify-auth-integration/)
  const issuer = await createTestIssuer()
  t.teardown(() => issuer.close())
  const { app } = await buildNotesApp([], { jwks: issuer.jwksUrl })
  await t.rejects(checkIsolation(app), /no secret to sign with: pass an issuer/)
})

t.test('a user id that comes back to whoever sent it is no leak', async (t) => {
  const app = Fastify()
  await app.register(authIntegration, { secret })
  app.post<{ Body: { note: string } }>('/orders', async (request) => ({ note: request.body.note }))
  app.get<{ Params: { account: string } }>('/greet/:account', async (request) => ({ hello: request.params.account }))
  const { leaks } = await checkIsolation(app, {
    users: ['alice-0001', 'bob-000002'],
    inputs: {
      'POST /orders': (userId) => ({ body: { note: `of ${userId}` } }),
      'GET /greet/:account': (userId) => ({ params: { account: userId } })
    }
  })
  t.same(leaks, [])
})

t.test('a leak is reported once, with the first request that showed it and how many did', async (t) => {
  const { app } = await buildNotesApp(['read'])
  const { leaks } = await checkIsolation(app, { users: ['alice-0001', 'bob-000002'] })
  const found = leaks.filter(({ url, caller }) => url === '/notes/:id' && caller === 'bob-000002')
  t.equal(found.length, 1)
  t.match(found[0], { times: Number, request: /^GET \/notes\/[0-9a-f-]{36}$/ })
})

t.test('inputs are made from Zod schemas, and a planted leak behind one is found', async (t) => {
  const app = Fastify()
  app.setValidatorCompiler(({ schema }) => (value) => {
    const { success, data, error } = (schema as unknown as z.ZodType).safeParse(value)
    return success ? { value: data } : { error }
  })
  await app.register(authIntegration, { secret })
  const notes: Array<{ id: string, title: string, rank: number }> = []
  const body = z.object({ title: z.string().min(1), rank: z.number().int() })
  app.post<{ Body: z.infer<typeof body> }>('/notes', { schema: { body } }, async (request) => {
    const note = { id: randomUUID(), ...request.body }
    notes.push(note)
    return note
  })
  app.get('/notes', async () => notes)
  const { leaks, unproven } = await checkIsolation(app)
  t.same(unproven, [])
  t.match(leaks, [{ url: '/notes', method: 'GET', what: /^showed / }])
})
