import { neon } from '@neondatabase/serverless'
import { sql } from 'drizzle-orm'
import { drizzle as drizzleNeon } from 'drizzle-orm/neon-http'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { startSelect } from '../../lib/drizzle/builders.js'
import type { DrizzleDatabase, Preparation, PreparedQuery } from '../../lib/drizzle/contract.js'
import { compile, compilingSession, isOverHttp, LateQuery, OpenSession, prepareIn, withClient } from '../../lib/drizzle/session.js'
import { notes, tasks } from '../fixtures/task-schema.js'

const client = postgres('postgres://nowhere')
const { session, dialect } = drizzle(client) as unknown as DrizzleDatabase
const preparation = { query: { sql: 'select $1', params: ['x'] }, fields: undefined, name: undefined, inArrays: false }

/** A client of `postgres` that notes what it is to send, and has these rows. */
function fakeClient (rows: unknown[][] = []) {
  const sent: unknown[][] = []
  const query = Object.assign(Promise.resolve(rows), { values: async () => rows })
  return { sent, unsafe: (...asked: unknown[]) => { sent.push(asked); return query } }
}

t.test('a statement can be prepared for another client, and the session keeps its own', async (t) => {
  const [one, two] = [fakeClient(), fakeClient()]
  await prepareIn(withClient(session, one), preparation).execute()
  await prepareIn(withClient(session, two), { ...preparation, name: 'named' }).execute()
  t.strictSame([one.sent, two.sent], [[['select $1', ['x'], { prepare: false }]], [['select $1', ['x'], { prepare: true }]]])
  t.equal(session.client, client)
})

t.test('what a builder asks of an open session arrives by name', async (t) => {
  const asked: Preparation[] = []
  class Session extends OpenSession {
    prepare (preparation: Preparation): PreparedQuery {
      asked.push(preparation)
      return Object.assign(prepareIn(session, preparation), { execute: async () => [] })
    }
  }
  await startSelect({ session: new Session(), dialect }, { id: notes.id }).from(notes)
  t.match(asked, [{ query: { sql: 'select "id" from "notes"' }, fields: [{ path: ['id'], field: notes.id }], name: undefined, inArrays: true, metadata: { type: 'select' } }])
})

t.test('a builder is compiled without being run', async (t) => {
  const select = startSelect({ session: compilingSession, dialect }, { id: notes.id }).from(notes)
  t.match(compile(select), { query: { sql: 'select "id" from "notes"' }, inArrays: true })
  await t.rejects(async () => await select, { message: /is not executed/ })
})

t.test('a late query is prepared for each execution, and reads the rows of joins as its builder says', async (t) => {
  const sent: number[] = []
  class Session extends OpenSession {
    prepare (preparation: Preparation): PreparedQuery {
      return new class extends LateQuery {
        async execute (values?: Record<string, unknown>): Promise<unknown> {
          sent.push(1)
          return await this.prepareIn(withClient(session, fakeClient([[1, null]]))).execute(values)
        }
      }(preparation)
    }
  }
  const joined = startSelect({ session: new Session(), dialect }, { task: { id: tasks.id }, note: { id: notes.id } }).from(tasks).leftJoin(notes, sql`true`)
  t.strictSame(await joined, [{ task: { id: 1 }, note: null }])
  await joined
  t.equal(sent.length, 2)
})

t.test('sessions over HTTP have no transactions', async (t) => {
  t.equal(isOverHttp((drizzleNeon(neon('postgres://user:password@db.example/app')) as unknown as DrizzleDatabase).session), true)
  t.equal(isOverHttp(session), false)
})
