import { readFileSync } from 'node:fs'
import { once } from 'node:events'
import { pathToFileURL } from 'node:url'
import websocket from '@fastify/websocket'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { injectAs } from '../../lib/testing.js'
import { build } from '../fixtures/packed-package.js'
import { startPostgres } from '../fixtures/postgres.js'
import { secret, token } from '../fixtures/tokens.js'

type Authentication = typeof import('../../lib/index.js')

// The recipes are run as they stand in docs/recipes.md, against the built package that they import.

// A name for Node alone: TypeScript would look for the build, which `npm run check` can do without.
const self: string = 'fastify-auth-integration'

const tables = `
  create table "user" (id text primary key);
  create table session (id text primary key, user_id text not null, expires_at timestamptz not null);
  create table tasks (id uuid primary key default gen_random_uuid(), user_id text not null, title text not null, created_at timestamptz not null, updated_at timestamptz not null);
  create table signed_out (user_id text primary key, since timestamptz not null);
  create table roles (account_id text primary key, role text not null);
  create table members (organization text not null, account_id text not null, primary key (organization, account_id));
  create table invoices (id uuid primary key default gen_random_uuid(), org_id text not null, amount integer not null);
  insert into "user" values ('ada'), ('bob');
  insert into session values ('1', 'ada', now()), ('2', 'ada', now()), ('3', 'bob', now());
  insert into tasks (user_id, title, created_at, updated_at) values
    ('ada', 'Ada, long ago', now() - interval '1 year', now()), ('ada', 'Ada', now(), now()), ('bob', 'Bob', now(), now());`

t.before(build)

/** A block of docs/recipes.md by its name, as a module. */
async function recipe (t: Test, name: string): Promise<Record<string, (...words: any[]) => any>> {
  const text = readFileSync('docs/recipes.md', 'utf8').replaceAll('\r\n', '\n')
  const blocks = [...text.matchAll(/```ts\n(\/\/ ([\w-]+\.ts)\n[^`]*(?:`[^`\n]+`[^`]*)*?)```/g)]
  const folder = t.testdir(Object.fromEntries(blocks.map(([, block, file]) => [file!, block!])))
  return await import(pathToFileURL(`${folder}/${name}`).href)
}

async function openDatabase (t: Test): Promise<PostgresJsDatabase & { $client: { unsafe: (text: string) => Promise<unknown[]> } }> {
  const { url } = await startPostgres(t)
  const db = drizzle(url)
  t.teardown(() => db.$client.end())
  await db.$client.unsafe(tables)
  return db
}

async function createApp (t: Test, options: object, before?: (app: FastifyInstance) => Promise<void>): Promise<FastifyInstance> {
  const { default: authIntegration } = await import(self) as Authentication
  const app = Fastify()
  t.teardown(() => app.close())
  await before?.(app)
  await app.register(authIntegration, { secret, hook: 'onRequest', cors: false, ...options })
  return app
}

t.test('signing out everywhere ends a user\'s tokens and sessions, and nobody else\'s', async (t) => {
  const { signOutRoutes, revokedIn } = await recipe(t, 'sign-out.ts')
  const db = await openDatabase(t)
  const app = await createApp(t, { db, isRevoked: revokedIn!(db) })
  app.register(signOutRoutes!)
  app.get('/me', async (request) => request.userId)
  // Not her first time: the moment is moved.
  await db.$client.unsafe("insert into signed_out values ('ada', now() - interval '1 day')")
  // The tokens of before: one signed a second later would be a new one.
  const claims = { iat: Math.floor(Date.now() / 1000) }
  const [asAda, asBob] = [injectAs(app, 'ada', { claims }), injectAs(app, 'bob', { claims })]

  t.equal((await asAda('/me')).statusCode, 200)
  t.equal((await asAda({ method: 'POST', url: '/api/sign-out-everywhere' })).statusCode, 204)
  t.match(await asAda('/me'), { statusCode: 401, body: '{"detail":"Invalid token"}' })
  t.equal((await asBob('/me')).statusCode, 200)
  t.match(await db.$client.unsafe('select id from session'), [{ id: '3' }])
})

t.test('support reads as a user, and only support does', async (t) => {
  const { supportRoutes } = await recipe(t, 'roles.ts')
  const db = await openDatabase(t)
  const app = await createApp(t, { db })
  app.register(supportRoutes!, { db })
  await db.$client.unsafe("insert into roles values ('sue', 'support')")

  const answer = await injectAs(app, 'sue')('/api/support/user/bob/tasks')
  t.match(answer.json(), [{ userId: 'bob', title: 'Bob' }])
  t.equal((await injectAs(app, 'ada')('/api/support/user/bob/tasks')).statusCode, 403)
  t.equal((await injectAs(app, 'bob')('/api/support/user/bob/tasks')).statusCode, 403)
  t.equal((await app.inject('/api/support/user/bob/tasks')).statusCode, 401)
  t.match(app.routeAccess().find(({ method }) => method === 'GET'), { access: 'token' })
})

t.test('a job works for one user after the other', async (t) => {
  const { tidy } = await recipe(t, 'tidy.ts')
  const db = await openDatabase(t)
  t.equal(await tidy!(db, new Date(Date.now() - 86_400_000)), 1)
  t.match(await db.$client.unsafe('select title from tasks order by title'), [{ title: 'Ada' }, { title: 'Bob' }])
})

t.test('an organization\'s rows are its members\', and nobody else learns of them', async (t) => {
  const { organizationRoutes } = await recipe(t, 'organizations.ts')
  const db = await openDatabase(t)
  const app = await createApp(t, { db })
  app.register(organizationRoutes!, { prefix: '/api/organizations/:organization', db })
  await db.$client.unsafe("insert into members values ('acme', 'ada'), ('acme', 'bob'), ('zeta', 'bob')")
  const [asAda, asBob] = [injectAs(app, 'ada'), injectAs(app, 'bob')]

  t.equal((await asAda({ method: 'POST', url: '/api/organizations/acme/invoices', body: { amount: 5 } })).statusCode, 201)
  t.equal((await asBob({ method: 'POST', url: '/api/organizations/zeta/invoices', body: { amount: 7 } })).statusCode, 201)
  t.match((await asBob('/api/organizations/acme/invoices')).json().items, [{ orgId: 'acme', amount: 5 }])
  t.match((await asBob('/api/organizations/zeta/invoices')).json().items, [{ orgId: 'zeta', amount: 7 }])
  t.equal((await asAda('/api/organizations/zeta/invoices')).statusCode, 404)
  t.equal((await app.inject('/api/organizations/acme/invoices')).statusCode, 401)
})

t.test('a browser\'s socket brings its token as a sub-protocol and ends with it', async (t) => {
  const { bearerFromProtocol, liveRoutes } = await recipe(t, 'live.ts')
  const db = await openDatabase(t)
  const app = await createApp(t, { db }, async (app) => {
    await app.register(websocket)
    app.addHook('onRequest', bearerFromProtocol!)
  })
  app.register(liveRoutes!)
  const url = (await app.listen({ host: '127.0.0.1', port: 0 })).replace('http', 'ws') + '/api/live'

  const now = Math.floor(Date.now() / 1000)
  const socket = new WebSocket(url, ['bearer', token({ exp: now + 3 })])
  t.teardown(() => socket.terminate())
  await once(socket, 'open')
  socket.send('list')
  const [message] = await once(socket, 'message') as [Buffer]
  t.match(JSON.parse(message.toString()).map(({ userId }: { userId: string }) => userId), ['ada', 'ada'])
  const [code] = await once(socket, 'close') as [number]
  t.equal(code, 4401)

  for (const protocols of [[], ['bearer'], ['bearer', 'x'], ['chat', token()]]) {
    const refused = new WebSocket(url, protocols)
    refused.on('error', () => {})
    const [, response] = await once(refused, 'unexpected-response') as [unknown, { statusCode: number }]
    t.equal(response.statusCode, 401, protocols.join())
  }
})
