import Fastify, { type FastifyRequest } from 'fastify'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { registerRepository } from '../../../lib/repository/register-repository.js'
import { createRole } from '../../fixtures/policies.js'
import { startSuperuserPostgres } from '../../fixtures/postgres.js'
import { createTables, notes, tasks } from '../../fixtures/task-schema.js'

function appOf (t: Pick<typeof import('tap').default, 'teardown'>, db: Parameters<typeof registerRepository>[1], handler: (request: FastifyRequest) => unknown) {
  const app = Fastify()
  t.teardown(() => app.close())
  app.decorateRequest('userId', { getter (this: FastifyRequest) { return String(this.headers['x-user']) } } as never)
  registerRepository(app, db, {})
  app.get('/', async (request) => handler(request))
  return app
}

t.test('a request has its user\'s database and repositories, made once', async (t) => {
  const app = appOf(t, drizzle.mock(), (request) => ({ same: request.db === request.db, params: request.db.select().from(notes).toSQL().params, repository: typeof request.repository(notes).findMany })) // eslint-disable-line no-self-compare
  for (const user of ['A', 'B']) t.same((await app.inject({ url: '/', headers: { 'x-user': user } })).json(), { same: true, params: [user], repository: 'function' })
})

t.test('a table of organizations is that of request.organizationId, and 403 without one', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.decorateRequest('userId', { getter: () => 'A' } as never)
  app.decorateRequest('organizationId', { getter (this: FastifyRequest) { return this.headers['x-org'] ?? null } } as never)
  registerRepository(app, drizzle.mock(), { ownerColumn: 'member_id', organization: { column: 'user_id' } })
  app.get('/', async (request) => request.db.select().from(notes).toSQL().params)
  app.get('/repository', async (request) => await request.repository(notes).findMany())
  t.same((await app.inject({ url: '/', headers: { 'x-org': 'one' } })).json(), ['one'])
  t.same((await app.inject({ url: '/', headers: { 'x-org': 'two' } })).json(), ['two'])
  for (const url of ['/', '/repository']) t.match((await app.inject(url)).json(), { code: 'FAI_ORGANIZATION_REQUIRED', statusCode: 403 }, url)
})

t.test('without a database both throw and say so', async (t) => {
  for (const handler of [(request: FastifyRequest) => request.db, (request: FastifyRequest) => request.repository(notes)]) {
    t.match((await appOf(t, undefined, handler).inject('/')).json(), { code: 'FAI_NO_DATABASE', statusCode: 500 })
  }
})

t.test('what says what requests may touch needs a database to touch', async (t) => {
  for (const options of [{ ownerColumn: 'x' }, { sharedTables: [] }, { rowLevelSecurity: true }, { rowLevelSecurity: {} }, { ownerColumn: null as never }]) {
    t.throws(() => registerRepository(Fastify(), undefined, options), { name: 'TypeError', message: new RegExp(`^"${Object.keys(options)[0]}" needs the "db" option`) })
  }
  t.doesNotThrow(() => registerRepository(Fastify(), undefined, { rowLevelSecurity: false, ownerColumn: undefined }))
})

t.test('a start that row-level security could not ask the database for says who wanted it', async (t) => {
  const client = postgres('postgres://ada:x@127.0.0.1:1/none', { connect_timeout: 1 })
  const app = Fastify()
  t.teardown(async () => { await app.close(); await client.end() })
  registerRepository(app, drizzle(client), { rowLevelSecurity: true })
  await t.rejects(async () => { await app.ready() }, { message: /^rowLevelSecurity asks the database, when the app starts.*ECONNREFUSED/, cause: { code: 'ECONNREFUSED' } })
})

t.test('a mistake in the options is a mistake at registration', async (t) => {
  t.throws(() => appOf(t, {} as never, () => {}), TypeError)
})

t.test('row-level security without a database is refused: it would be believed in', async (t) => {
  for (const rowLevelSecurity of [true, { role: 'app' }]) t.throws(() => registerRepository(Fastify(), undefined, { rowLevelSecurity }), { name: 'TypeError', message: /^"rowLevelSecurity" needs the "db" option/ })
  t.doesNotThrow(() => registerRepository(Fastify(), undefined, { rowLevelSecurity: false }))
})

t.test('with row-level security the start asks PostgreSQL whether policies bind, and names tables without any', async (t) => {
  const { url } = await startSuperuserPostgres(t)
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  await admin.unsafe(`${createTables}; ${createRole('app')} alter table notes enable row level security`)
  await admin.end()
  const start = async (as: string) => {
    const lines: Array<{ level: number, tables?: string[] }> = []
    const client = postgres(Object.assign(new URL(url), as === 'app' ? { username: 'app', password: 'test' } : {}).href, { max: 1, onnotice: () => {} })
    const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } })
    t.teardown(async () => { await app.close(); await client.end() })
    registerRepository(app, drizzle(client, { schema: { notes, tasks } }), { rowLevelSecurity: true })
    await app.ready()
    return lines
  }
  t.match(await start('app'), [{ level: 40, tables: ['public.tasks'] }])
  await t.rejects(start('superuser'), { message: /is a superuser/ })
})
