import Fastify, { type FastifyInstance } from 'fastify'
import { drizzle } from 'drizzle-orm/postgres-js'
import { eq } from 'drizzle-orm'
import postgres from 'postgres'
import t, { type Test } from 'tap'
import authIntegration, { type AuthIntegrationOptions } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { startPostgres } from '../fixtures/postgres.js'
import { bookmarks, comments, createTeamTables, drafts, fillTeamTables, issues, one, teamSchema, two } from '../fixtures/team-schema.js'

// From the token to the row: what the claim names is what request.db reaches.
async function scene (t: Test, options: AuthIntegrationOptions = {}) {
  const issuer = await createTestIssuer({ secret: 's'.repeat(32) } as never)
  const app = Fastify()
  t.teardown(async () => { await app.close(); await issuer.close() })
  await app.register(authIntegration, { secret: 's'.repeat(32), hook: 'onRequest', cors: false, organization: true, ...options })
  const sign = (claims: object): string => app.jwt.sign({ user_id: 'ada', ...claims })
  const get = async (url: string, claims: object = {}) => {
    const { statusCode, body } = await app.inject({ url, headers: { authorization: `Bearer ${sign(claims)}` } })
    return [statusCode, statusCode === 200 ? JSON.parse(body) : body]
  }
  return { app, get }
}

function routes (app: FastifyInstance): void {
  app.get('/me', async (request) => ({ user: request.userId, organization: request.organizationId }))
  app.get('/orgs/:orgId', async (request) => ({ organization: request.organizationId }))
  app.get('/numbers/:orgId', { schema: { params: { type: 'object', properties: { orgId: { type: 'integer' } } } } }, async (request) => request.params)
  app.get('/switch/:orgId', { config: { auth: { owner: false } } }, async (request) => request.params)
  app.get('/maybe', { config: { auth: 'optional' } }, async () => 'anyone')
}

t.test('the claim is the active organization, and one that is no id is 401', async (t) => {
  const { app, get } = await scene(t)
  routes(app)
  t.same(await get('/me', { org_id: one }), [200, { user: 'ada', organization: one }])
  t.same(await get('/me'), [200, { user: 'ada', organization: null }])
  t.same(await get('/me', { org_id: null }), [200, { user: 'ada', organization: null }], 'as issuers say that there is none')
  for (const org of ['', '  ', 7, true, [one], { id: one }]) {
    for (const url of ['/me', '/maybe']) t.same(await get(url, { org_id: org }), [401, '{"detail":"Invalid token"}'], JSON.stringify(org))
  }
})

t.test('a route parameter of organizations must be the active one', async (t) => {
  const { app, get } = await scene(t)
  routes(app)
  t.same(await get(`/orgs/${one}`, { org_id: one }), [200, { organization: one }])
  for (const claims of [{ org_id: two }, {}, { org_id: null }, { user_id: one }]) t.same(await get(`/orgs/${one}`, claims), [403, '{"detail":"Forbidden"}'])
  t.same(await get('/orgs/null'), [403, '{"detail":"Forbidden"}'], 'no organization is none of that name')
  t.same(await get('/numbers/42', { org_id: '42' }), [200, { orgId: 42 }])
  t.same(await get('/numbers/042', { org_id: '042' }), [403, '{"detail":"Forbidden"}'], 'what the handler sees is compared')
  t.same(await get('/numbers/042', { org_id: '42' }), [403, '{"detail":"Forbidden"}'])
  t.same(await get(`/switch/${two}`, { org_id: one }), [200, { orgId: two }], 'a route may ask for none')
  t.match(app.routeAccess().find(({ url }) => url === '/orgs/:orgId'), { access: 'owner', why: 'orgId must be the active organization', where: 'organization.params' })
})

t.test('without the option the claim and the parameter mean nothing', async (t) => {
  const { app, get } = await scene(t, { organization: false })
  routes(app)
  t.same(await get('/me', { org_id: one }), [200, { user: 'ada', organization: null }])
  t.same(await get('/orgs/x', { org_id: 5 }), [200, { organization: null }])
})

t.test('a token reaches the rows of its user and of its organization, and of no other', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 2, onnotice: () => {} })
  await client.unsafe(createTeamTables + fillTeamTables)
  t.teardown(() => client.end())
  const { app, get } = await scene(t, { db: drizzle(client, { schema: teamSchema }) as never, organization: { authored: [comments] } })
  app.get('/issues', async (request) => await request.repository(issues as never).findMany())
  app.get('/bookmarks', async (request) => await request.repository(bookmarks).findMany({ orderBy: bookmarks.id }))
  app.get('/drafts', async (request) => await request.repository(drafts).findMany())
  app.get('/comments', async (request) => await request.repository(comments).count())
  app.get('/joined', async (request) => await request.db.select({ title: issues.title }).from(bookmarks).innerJoin(issues, eq(issues.id, bookmarks.issueId)))
  app.get('/insert', async (request) => await request.repository(drafts).insert({ body: 'new' } as never))

  t.match(await get('/issues', { org_id: one }), [200, [{ id: 1 }, { id: 2 }]])
  t.match(await get('/issues', { org_id: two }), [200, [{ id: 3 }]])
  t.same(await get('/issues', { org_id: '00000000-0000-4000-8000-00000000000f' }), [200, []])
  t.match(await get('/drafts', { org_id: one }), [200, [{ id: 1 }]])
  t.match(await get('/drafts', { org_id: one, user_id: 'bob' }), [200, [{ id: 2 }]])
  t.same(await get('/comments', { org_id: one }), [200, 2])
  t.same(await get('/joined', { org_id: one }), [200, [{ title: 'issue of one' }]])
  t.match(await get('/insert', { org_id: one }), [200, { userId: 'ada', orgId: one }])
  for (const path of ['/issues', '/drafts', '/comments', '/joined', '/insert']) t.same(await get(path), [403, '{"detail":"Forbidden"}'], path)
  t.match(await get('/bookmarks'), [200, [{ id: 1 }, { id: 3 }]], 'and the user\'s own work goes on')
  t.same((await get('/issues', { org_id: 'no uuid' }))[0], 400)
})
