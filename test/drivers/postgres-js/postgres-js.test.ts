import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import type { DrizzleDatabase } from '../../../lib/drizzle/contract.js'
import { postgresJsOf } from '../../../lib/drivers/postgres-js/postgres-js.js'

const sessionOf = (db: object) => (db as DrizzleDatabase).session

t.test('what a pool shares is one for all of its databases, and there is none for other drivers', async (t) => {
  const client = postgres('postgres://nowhere')
  t.ok(postgresJsOf(sessionOf(drizzle(client))))
  t.equal(postgresJsOf(sessionOf(drizzle(client))), postgresJsOf(sessionOf(drizzle(client, { schema: {} }))))
  t.not(postgresJsOf(sessionOf(drizzle(client))), postgresJsOf(sessionOf(drizzle(postgres('postgres://nowhere')))))
  t.equal(postgresJsOf(sessionOf(drizzleNodePostgres('postgres://nowhere'))), undefined)
})
