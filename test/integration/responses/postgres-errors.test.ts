import { randomBytes } from 'node:crypto'
import { sql, type SQL } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import fastify, { type FastifyInstance } from 'fastify'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { registerErrorHandler } from '../../../lib/responses/error-handler.js'
import { postgresResponse, postgresTable } from '../../../lib/responses/postgres-errors.js'
import { drivers } from '../../fixtures/drivers.js'
import { startOwnPostgres, startSuperuserPostgres } from '../../fixtures/postgres.js'

type Db = PgDatabase<PgQueryResultHKT>
interface Line { level: number, msg: string, err?: object, postgres?: { code?: string, table?: string, constraint?: string, column?: string } }

function serve (t: Test, provoke: () => Promise<unknown>): { app: FastifyInstance, lines: Line[] } {
  const lines: Line[] = []
  const app = fastify({ logger: { stream: { write: (line) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  registerErrorHandler(app)
  app.get('/', provoke)
  return { app, lines }
}

const schema: SQL[] = [
  sql`create table users (id text primary key)`,
  sql`create table tasks (
    id int primary key, user_id text not null references users, title varchar(20), level smallint check (level > 0),
    hours int4range, created_at timestamp, exclude using gist (hours with &&))`,
  sql`create table coded (bits bit(3), text text unique)`,
  sql`create table numbered (id int generated always as identity)`,
  sql`insert into users values ('anna')`,
  sql`insert into tasks (id, user_id, hours) values (1, 'anna', '[1,5)')`,
  sql`create role fai_limited`
]

const limited = async (db: Db, statement: SQL) => await db.transaction(async (tx) => {
  await tx.execute(sql`set local role fai_limited`)
  await tx.execute(statement)
})

interface Case { state: string, status: number, detail: string, log: RegExp, facts?: object, provoke (db: Db): Promise<unknown> }
const run = (statement: SQL) => async (db: Db) => await db.execute(statement)
const conflict = { status: 409, detail: 'Conflict' }
const bad = { status: 400, detail: 'Bad Request' }
const broken = { status: 500, detail: 'Internal Server Error' }

const cases: Case[] = [
  { state: '23505', ...conflict, log: /^unique_violation/, facts: { table: 'tasks', constraint: 'tasks_pkey' }, provoke: run(sql`insert into tasks (id, user_id) values (${1}, 'anna')`) },
  { state: '23503', ...conflict, log: /^foreign_key_violation/, provoke: run(sql`insert into tasks (id, user_id) values (2, ${'hunter2'})`) },
  { state: '23503', ...conflict, log: /^foreign_key_violation/, provoke: run(sql`delete from users where id = ${'anna'}`) },
  { state: '23P01', ...conflict, log: /^exclusion_violation/, provoke: run(sql`insert into tasks (id, user_id, hours) values (2, 'anna', '[4,6)')`) },
  { state: '23502', ...bad, log: /^not_null_violation/, facts: { table: 'tasks', column: 'user_id' }, provoke: run(sql`insert into tasks (id) values (2)`) },
  { state: '23514', ...bad, log: /^check_violation/, provoke: run(sql`insert into tasks (id, user_id, level) values (2, 'anna', ${-1})`) },
  { state: '22P02', ...bad, log: /^invalid_text_representation/, provoke: run(sql`select ${'hunter2'}::text::uuid`) },
  { state: '22001', ...bad, log: /^string_data_right_truncation/, provoke: run(sql`insert into tasks (id, user_id, title) values (2, 'anna', ${'hunter2'.repeat(9)})`) },
  { state: '22003', ...bad, log: /^numeric_value_out_of_range/, provoke: run(sql`select ${'99999999999'}::text::int`) },
  { state: '22007', ...bad, log: /^invalid_datetime_format/, provoke: run(sql`select ${'hunter2'}::text::timestamp`) },
  { state: '22008', ...bad, log: /^datetime_field_overflow/, provoke: run(sql`select ${'2024-13-40'}::text::timestamp`) },
  { state: '22021', ...bad, log: /^character_not_in_repertoire/, provoke: run(sql`select ${'a\u0000b'}::text`) },
  { state: '22P05', ...bad, log: /^untranslatable_character/, provoke: run(sql`select ${'{"a":"\\u0000"}'}::text::jsonb ->> 'a'`) },
  { state: '22025', ...bad, log: /^invalid_escape_sequence/, provoke: run(sql`select 'hunter2' like ${'hunter\\'}`) },
  { state: '2201B', ...bad, log: /^invalid_regular_expression/, provoke: run(sql`select 'x' ~ ${'('}`) },
  { state: '22000', ...bad, log: /^data_exception/, provoke: run(sql`select ${'[5,1)'}::text::int4range`) },
  { state: '22015', ...bad, log: /^interval_field_overflow/, provoke: run(sql`select ${'99999999999 years'}::text::interval`) },
  { state: '22026', ...bad, log: /^string_data_length_mismatch/, provoke: run(sql`insert into coded (bits) values (${'10'})`) },
  { state: '2201W', ...bad, log: /^invalid_row_count_in_limit/, provoke: run(sql`select 1 limit ${-1}`) },
  { state: '2201X', ...bad, log: /^invalid_row_count_in_result_offset/, provoke: run(sql`select 1 offset ${-1}`) },
  { state: '54000', ...bad, log: /^program_limit_exceeded/, provoke: run(sql`insert into coded (text) values (${randomBytes(20_000).toString('base64')})`) },
  { state: '54001', ...bad, log: /^statement_too_complex/, provoke: run(sql`select ${'['.repeat(200_000) + ']'.repeat(200_000)}::text::json`) },
  { state: '42601', ...bad, log: /^invalid_text_representation/, provoke: run(sql`select to_tsquery('simple', ${'a b'})`) },
  { state: '42601', ...bad, log: /^invalid_text_representation/, provoke: run(sql`select ${'$['}::text::jsonpath`) },
  { state: '428C9', ...bad, log: /^generated_always/, provoke: run(sql`insert into numbered (id) values (${7})`) },
  { state: '42501', status: 403, detail: 'Forbidden', log: /^insufficient_privilege/, provoke: async (db) => await limited(db, sql`select * from users`) },
  { state: '42846', ...broken, log: /takes a Date \(new Date\(seconds \* 1000\)\)/, provoke: run(sql`select 1732233600::int::timestamp`) },
  { state: '42804', ...broken, log: /takes a Date \(new Date\(seconds \* 1000\)\)/, provoke: run(sql`insert into tasks (id, user_id, created_at) values (2, 'anna', 1732233600)`) },
  { state: '42P01', ...broken, log: /relation "nowhere" does not exist/, provoke: run(sql`select * from nowhere where secret = ${'hunter2'}`) },
  { state: '42601', ...broken, log: /syntax error/, provoke: run(sql`select from where`) },
  { state: '22012', ...broken, log: /division by zero/, provoke: run(sql`select 1 / 0`) }
]

t.test('each PostgreSQL error has its status, body and log line', async (t) => {
  const postgres = await startSuperuserPostgres(t)
  for (const driver of drivers) {
    t.test(`with ${driver.name}`, async (t) => {
      const { db } = driver.open(t, await postgres.createDatabase(t))
      // Roles belong to the server, which the network drivers share.
      for (const statement of schema) await db.execute(statement).catch((error) => { if (error.cause?.code !== '42710') throw error })
      // PGlite has no limit to its stack, and does not come back.
      const provoked = cases.filter(({ state }) => state !== '54001' || driver.name !== 'pglite')
      for (const { state, status, detail, log, facts, provoke } of provoked) {
        t.test(`${state} is ${status}`, async (t) => {
          const { app, lines } = serve(t, () => provoke(db))
          const response = await app.inject('/')
          t.equal(response.statusCode, status)
          t.equal(response.body, JSON.stringify({ detail }))
          t.notOk(response.headers['retry-after'])
          const line = lines.find((line) => line.postgres)
          t.match(line, { level: status === 500 ? 50 : 30, msg: log, postgres: { code: state, ...facts } })
          t.ok(line?.err, 'the log has the whole error')
        })
      }
    })
  }
})

t.test('a database that is away is 503 with Retry-After', async (t) => {
  const { server, url } = await startOwnPostgres(t)
  const unavailable = async (t: Test, provoke: () => Promise<unknown>, log: RegExp, code?: string | RegExp) => {
    const { app, lines } = serve(t, provoke)
    const response = await app.inject('/')
    t.equal(response.statusCode, 503)
    t.equal(response.body, '{"detail":"Service Unavailable"}')
    t.equal(response.headers['retry-after'], '5')
    t.match(lines.find((line) => line.err), { level: 50, msg: log, ...code && { postgres: { code } } })
  }

  for (const driver of drivers.filter(({ network }) => network)) {
    t.test(`with ${driver.name}`, async (t) => {
      await t.test('57P01: the session is ended by an administrator', async (t) => {
        const { db } = driver.open(t, url)
        // postgres.js may see the socket close before it has read why.
        await unavailable(t, async () => await db.execute(sql`select pg_terminate_backend(pg_backend_pid())`), /^operator_intervention|cannot be reached/)
        t.ok(await db.execute(sql`select 1`), 'the next query connects anew')
      })

      await t.test('53300: too many connections', async (t) => {
        const role = `fai_full_${driver.name.replace('-', '_')}`
        await driver.open(t, url).db.execute(sql.raw(`create role ${role} login connection limit 0 password 'x'`))
        const full = new URL(url)
        full.username = role
        full.password = 'x'
        const { db } = driver.open(t, full.href)
        await unavailable(t, async () => await db.execute(sql`select 1`), /^insufficient_resources/, '53300')
      })

      await t.test('57P03 and 08006: starting up, connection failure', async (t) => {
        // No test can hold a server in its start, so a socket says what one says.
        for (const [state, log] of [['57P03', /^operator_intervention/], ['08006', /^connection_exception/]] as const) {
          const fake = createServer((socket) => {
            socket.on('error', () => {})
            socket.once('data', () => { socket.end(errorResponse(state)) })
          }).listen(0, '127.0.0.1')
          t.teardown(() => { fake.close() })
          await once(fake, 'listening')
          const { db } = driver.open(t, `postgres://a:b@127.0.0.1:${(fake.address() as AddressInfo).port}/x`)
          await unavailable(t, async () => await db.execute(sql`select 1`), log, state)
        }
      })

      const skip = driver.name === 'postgres-js' && 'postgres.js connects again for ever, which no answer can be given to'
      await t.test('a server that hangs up without a word', { skip }, async (t) => {
        const fake = createServer((socket) => {
          socket.on('error', () => {})
          socket.once('data', () => { socket.destroy() })
        }).listen(0, '127.0.0.1')
        t.teardown(() => { fake.close() })
        await once(fake, 'listening')
        const { db } = driver.open(t, `postgres://a:b@127.0.0.1:${(fake.address() as AddressInfo).port}/x`)
        await unavailable(t, async () => await db.execute(sql`select 1`), /cannot be reached/)
      })

      await t.test('a name that is not known', async (t) => {
        const { db } = driver.open(t, 'postgres://a:b@nowhere.invalid:5432/x')
        await unavailable(t, async () => await db.execute(sql`select 1`), /cannot be reached/)
      })

      await t.test('a client that was ended', async (t) => {
        const { db, end } = driver.open(t, url)
        await db.execute(sql`select 1`)
        await end()
        await unavailable(t, async () => await db.execute(sql`select 1`), /cannot be reached/)
      })

      // Which of the two a client says depends on whether it has seen its own connection end yet.
      const gone = /^(?:ECONNREFUSED|CONNECTION_CLOSED)$/
      await t.test('killed in the middle of a query, then refused, then back', async (t) => {
        const { db } = driver.open(t, url)
        await db.execute(sql`select 1`)
        await unavailable(t, async () => {
          const pending = db.execute(sql`select pg_sleep(60)`)
          pending.catch(() => {})
          await server.kill()
          return await pending
        }, /cannot be reached|^operator_intervention/)
        await unavailable(t, async () => await db.execute(sql`select 1`), /cannot be reached/, gone)
        await unavailable(t, async () => await db.transaction(async (tx) => await tx.execute(sql`select 1`)), /cannot be reached/, gone)
        await server.start()
        // A connection of postgres.js can give the old session's last words to the next statement (porsager/postgres#1215); each try uses one up.
        let back: unknown
        for (let tries = 0; back === undefined && tries < 20; tries++) back = await db.execute(sql`select 1`).catch(() => undefined)
        t.ok(back, 'and the same client works again')
      })
    })
  }

  t.test('with pglite: closed', async (t) => {
    const { db, end } = drivers.find(({ name }) => name === 'pglite')!.open(t, '')
    await db.execute(sql`select 1`)
    await end()
    await unavailable(t, async () => await db.execute(sql`select 1`), /cannot be reached/)
  })
})

/** The server's ErrorResponse message (PostgreSQL manual, section 54.7). */
function errorResponse (state: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${state}\0Mnot now\0\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}

t.test('a refused connection to another service is no database\'s: 500', async (t) => {
  const { app } = serve(t, async () => await fetch('http://127.0.0.1:1/'))
  const response = await app.inject('/')
  t.equal(response.statusCode, 500)
  t.equal(response.body, '{"detail":"Internal Server Error"}')
})

t.test('an app error that carries a PostgreSQL cause keeps its own status and message', async (t) => {
  const cause = Object.assign(new Error('duplicate key'), { code: '23505' })
  const { app } = serve(t, async () => { throw Object.assign(new Error('Title taken', { cause }), { statusCode: 422 }) })
  const response = await app.inject('/')
  t.equal(response.statusCode, 422)
  t.equal(response.body, '{"detail":"Title taken"}')
})

t.test('what is no error of PostgreSQL has no response here', (t) => {
  for (const error of [undefined, null, '23505', new Error('23505'), { code: 23505 }, { code: 'FST_X' }, { code: 'EACCES' }, { cause: 'x' }, { cause: { code: 'ECONNREFUSED' } }]) {
    t.equal(postgresResponse(error), undefined)
  }
  t.equal(postgresResponse({ code: '99999', message: 'new' })?.status, 500)
  t.end()
})

t.test('a plan that a change of the schema has made stale is worth another try, what PostgreSQL cannot do is not', (t) => {
  t.equal(postgresResponse({ code: '0A000', routine: 'RevalidateCachedQuery', message: 'cached plan must not change result type' })?.status, 503)
  t.equal(postgresResponse({ code: '26000', message: 'prepared statement "x" does not exist' })?.status, 503)
  t.equal(postgresResponse({ code: '0A000', routine: 'transformSelectStmt', message: 'not supported' })?.status, 500)
  t.end()
})

t.test('every row of the table is raised for real above', (t) => {
  const states = [...cases.map(({ state }) => state), '57P01', '53300', '08006',
    // These take two transactions: test/integration/faults.test.ts.
    '40001', '40P01']
  for (const code of Object.keys(postgresTable)) t.ok(states.some((state) => state.startsWith(code)), code)
  t.end()
})
