import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import type { DatabaseInternals } from '../../../lib/repository/drizzle-internals.js'
import { poolOf } from '../../../lib/repository/postgres-js/pool.js'

const sessionOf = (db: object) => (db as DatabaseInternals).session

t.test('what a pool shares is one for all of its databases, and there is none for other drivers', async (t) => {
  const client = postgres('postgres://nowhere')
  t.ok(poolOf(sessionOf(drizzle(client))))
  t.equal(poolOf(sessionOf(drizzle(client))), poolOf(sessionOf(drizzle(client, { schema: {} }))))
  t.not(poolOf(sessionOf(drizzle(client))), poolOf(sessionOf(drizzle(postgres('postgres://nowhere')))))
  t.equal(poolOf(sessionOf(drizzleNodePostgres('postgres://nowhere'))), undefined)
})
