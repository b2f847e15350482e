import { once } from 'node:events'
import { createConnection, createServer, type AddressInfo } from 'node:net'
import { eq, getTableName } from 'drizzle-orm'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import authIntegration, { userScope } from '../../../lib/index.js'
import { onEveryDriver } from '../../fixtures/grounds.js'
import { createTables, notes, projects, schema, tasks } from '../../fixtures/task-schema.js'
import { secret, token } from '../../fixtures/tokens.js'

/** A server in another language: the words of its errors are replaced on their way, as long as they were. */
async function startGerman (t: Pick<Test, 'teardown'>, target: string): Promise<string> {
  const { hostname, port } = new URL(target)
  const words: Array<[Buffer, Buffer]> = ([
    ['invalid input syntax for type integer: "', 'ungueltige Eingabe fuer Typ integer:   \''],
    ['invalid input syntax for type ', 'ungueltige Eingabe fuer Typ   '],
    ['duplicate key value violates unique constraint', 'doppelter Schluesselwert verletzt Unique-Constr'],
    ['new row violates row-level security policy', 'neue Zeile verletzt Policy fuer Sicherheit'],
    ['"FAI_CONFLICT"', "'FAI_CONFLICT'"], ['"FAI_FOREIGN_REFERENCE"', "'FAI_FOREIGN_REFERENCE'"]
  ] as const).map(([from, to]) => [Buffer.from(from), Buffer.from(to.padEnd(from.length).slice(0, from.length))])
  const sockets = new Set<import('node:net').Socket>()
  const server = createServer((client) => {
    const upstream = createConnection(Number(port), hostname)
    for (const socket of [client, upstream]) { sockets.add(socket); socket.on('error', () => {}) }
    client.pipe(upstream)
    upstream.on('data', (data) => {
      for (const [from, to] of words) for (let at = data.indexOf(from); at !== -1; at = data.indexOf(from)) to.copy(data, at)
      client.write(data)
    })
    upstream.on('close', () => { client.destroy() })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => { for (const socket of sockets) socket.destroy(); server.close() })
  return Object.assign(new URL(target), { host: `127.0.0.1:${(server.address() as AddressInfo).port}` }).href
}

t.test('a server whose messages are in another language', async (t) => {
  onEveryDriver(t, { create: createTables, schema, where: ({ network }) => network }, async (t, ground) => {
    const { db } = ground.driver.open(t, ground.driver.name === 'neon-http' ? ground.url : await startGerman(t, ground.url), { schema })
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(authIntegration, { secret, db, cors: false, hook: 'onRequest', ...ground.options })
    const foreign = await userScope(db, 'eve', ground.options).repository(notes).insert({ body: 'of eve' })
    const project = await userScope(db, 'eve', ground.options).repository(projects).insert({ name: 'of eve' })
    const routes: Record<string, [run: (request: any) => Promise<unknown>, status: number]> = {
      '/upsert': [async (request) => await request.repository(notes).upsert({ id: foreign.id, body: 'x' }, { target: notes.id }), 409],
      '/upsert-in-a-transaction': [async (request) => await request.db.transaction(async (tx: any) => await tx.repository(notes).upsert({ id: foreign.id, body: 'x' }, { target: notes.id })), 409],
      '/on-conflict': [async ({ db }) => await db.insert(notes).values({ id: foreign.id, body: 'x' }).onConflictDoUpdate({ target: notes.id, set: { body: 'x' } }), 409],
      '/reference': [async (request) => await request.repository(tasks).insert({ title: 'x', projectId: project.id }), 403],
      '/reference-of-an-update': [async ({ db }) => { await db.insert(tasks).values({ title: 'x' }); return await db.update(tasks).set({ projectId: project.id }) }, 403],
      '/bad-number': [async ({ db }) => await db.select().from(tasks).where(eq(tasks.id, 'x' as never)), 400],
      '/duplicate': [async (request) => await request.repository(notes).insert({ id: foreign.id, body: 'x' }), 409]
    }
    for (const [url, [handler]] of Object.entries(routes)) app.get(url, handler)
    for (const [url, [, status]] of Object.entries(routes)) {
      if (url.endsWith('transaction') && !ground.driver.transactions) continue
      t.equal((await app.inject({ url, headers: { authorization: `Bearer ${token()}` } })).statusCode, status, url)
    }
  })
})

t.test('a missing grant is no conflict', async (t) => {
  onEveryDriver(t, { create: createTables, schema, settings: ['row-level security'] }, async (t, { db, options, admin }) => {
    await admin('alter table notes owner to postgres; revoke all on notes from app; grant select, insert on notes to app')
    const error: any = await userScope(db, 'A', options).repository(notes).upsert({ id: '00000000-0000-4000-8000-000000000001', body: 'x' }, { target: notes.id }).then(() => undefined, (error: unknown) => error)
    t.equal(error?.cause?.code ?? error?.code, '42501')
  })
})

t.test('an upsert has nothing but IMMUTABLE functions where a distributed PostgreSQL asks for them', async (t) => {
  onEveryDriver(t, { create: createTables, schema, settings: ['the scope alone'], where: ({ name }) => name === 'postgres-js' }, async (t, { db, admin }) => {
    const { db: scoped } = userScope(db, 'A')
    for (const [table, values, set] of [[notes, { body: 'x' }, { body: 'y' }], [tasks, { title: 'x' }, { title: 'y' }], [projects, { name: 'x' }, { name: 'y' }]] as any[]) {
      const { sql: text } = scoped.insert(table).values(values).onConflictDoUpdate({ target: table.id, set }).toSQL()
      const [, where] = /do update set [\s\S]* where ([\s\S]*)$/.exec(text)!
      // PostgreSQL takes only IMMUTABLE functions into the condition of an index.
      await admin(`create index on ${getTableName(table)} (id) where ${where!.replaceAll(/\$\d+/g, "'A'")}`)
      t.pass(getTableName(table))
    }
  })
})
