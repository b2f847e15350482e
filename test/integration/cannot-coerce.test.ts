import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t, { type Test } from 'tap'
import authIntegration from '../../lib/index.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables, schema, tasks } from '../fixtures/task-schema.js'

// The second of the two 500s that the package set out to end: "CannotCoerce: cannot cast type integer to timestamp without time zone",
// from int(time.time()) in a timestamp column.
const seconds = 1732233600
const number = seconds as unknown as Date

async function start (t: Test) {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 2, onnotice: () => {} })
  t.teardown(() => client.end())
  await client.unsafe(createTables)
  const lines: Array<{ level: number, msg: string, postgres?: { code: string } }> = []
  const app = Fastify({ logger: { stream: { write: (line) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  const db = drizzle(client, { schema })
  await app.register(authIntegration, { secret: 'a secret of more than thirty-two bytes, for tests', db })
  return { app, lines, db }
}

const ask = async (app: FastifyInstance) => await app.inject({ url: '/', headers: { authorization: `Bearer ${app.jwt.sign({ user_id: 'A' })}` } })

const refused: Array<[string, (request: FastifyRequest) => Promise<unknown>]> = [
  ['repository.insert', async (request) => await request.repository(tasks).insert({ title: 'x', createdAt: number })],
  ['repository.update', async (request) => await request.repository(tasks).update(eq(tasks.title, 'x'), { createdAt: number })],
  ['repository.findMany', async (request) => await request.repository(tasks).findMany({ where: eq(tasks.createdAt, number) })],
  ['the builder\'s insert', async (request) => await request.db.insert(tasks).values({ title: 'x', createdAt: number })],
  ['the builder\'s update', async (request) => await request.db.update(tasks).set({ createdAt: number })],
  ['the builder\'s select', async (request) => await request.db.select().from(tasks).where(eq(tasks.createdAt, number))]
]

for (const [what, handler] of refused) {
  t.test(`regression: CannotCoerce through ${what} is refused before the driver, and names column and remedy`, async (t) => {
    const { app } = await start(t)
    app.get('/', handler)
    const response = await ask(app)
    t.equal(response.statusCode, 400)
    t.strictSame(response.json(), { detail: '"created_at" takes a Date, got the number 1732233600 (epoch seconds?): use new Date(1732233600 * 1000)' })
  })
}

const raw: Array<[string, string, (db: Awaited<ReturnType<typeof start>>['db']) => Promise<unknown>]> = [
  ['an insert', '42804', async (db) => await db.execute(sql.raw(`insert into tasks (user_id, title, created_at) values ('A', 'x', ${seconds})`))],
  ['a cast', '42846', async (db) => await db.execute(sql.raw(`select ${seconds}::int::timestamp`))]
]
for (const [what, code, run] of raw) {
  t.test(`regression: CannotCoerce through raw SQL, ${what}, is a bare 500 whose log line names the remedy`, async (t) => {
    const { app, lines, db } = await start(t)
    app.get('/', async () => await run(db))
    const response = await ask(app)
    t.equal(response.statusCode, 500)
    t.equal(response.body, '{"detail":"Internal Server Error"}')
    t.match(lines.find((line) => line.postgres), { level: 50, postgres: { code }, msg: /takes a Date \(new Date\(seconds \* 1000\)\), never epoch seconds/ })
  })
}

t.test('regression: CannotCoerce through a raw value in the builder is a bare 500 whose log line names the remedy', async (t) => {
  const { app, lines } = await start(t)
  app.get('/', async (request) => await request.db.insert(tasks).values({ title: 'x', createdAt: sql`${sql.raw(String(seconds))}` }))
  const response = await ask(app)
  t.equal(response.statusCode, 500)
  t.equal(response.body, '{"detail":"Internal Server Error"}')
  t.match(lines.find((line) => line.postgres), { level: 50, postgres: { code: '42804' } })
})
