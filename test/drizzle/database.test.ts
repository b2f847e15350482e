import { sql } from 'drizzle-orm'
import { drizzle as drizzleSqlite } from 'drizzle-orm/sqlite-proxy'
import { withReplicas } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import t from 'tap'
import type { DrizzleDatabase } from '../../lib/drizzle/contract.js'
import { isTransaction, replicasOf, sessionForReads, tablesOf, toDrizzleDatabase, toQuery } from '../../lib/drizzle/database.js'
import { notes, tasks } from '../fixtures/task-schema.js'

const db = drizzle.mock({ schema: { notes, tasks, other: {} } })
const database = toDrizzleDatabase(db)

t.test('a Drizzle database for PostgreSQL is taken, with replicas too, and nothing else', async (t) => {
  const replicated = withReplicas(db, [drizzle.mock() as never])
  t.equal(toDrizzleDatabase(replicated), replicated)
  for (const other of [undefined, null, {}, 'postgres://', drizzleSqlite(async () => ({ rows: [] }))]) {
    t.throws(() => toDrizzleDatabase(other as never), { name: 'TypeError', message: /^"db" must be a Drizzle database for PostgreSQL/ })
  }
})

t.test('its tables are those of its schema', async (t) => {
  t.strictSame(tablesOf(database), [notes, tasks])
  t.strictSame(tablesOf(toDrizzleDatabase(drizzle.mock())), [])
})

t.test('reads go to a replica, where there is one', async (t) => {
  const replica = drizzle.mock() as unknown as DrizzleDatabase
  const replicated = toDrizzleDatabase(withReplicas(db, [replica as never]))
  t.strictSame([replicasOf(database), replicasOf(replicated)?.length], [undefined, 1])
  t.equal(sessionForReads(database), database.session)
  t.equal(sessionForReads(replicated), replica.session)
})

t.test('a database is no transaction, and turns the app\'s own SQL into text and values', async (t) => {
  t.equal(isTransaction(database), false)
  t.match(toQuery(database, sql`select ${1}`), { sql: 'select $1', params: [1] })
})
