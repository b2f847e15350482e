import { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import postgres from 'postgres'
import t from 'tap'
import { isNodePostgres, isPool, isSingleConnection } from '../../../lib/drivers/node-postgres/client.js'

class OwnPool extends pg.Pool {}
const url = 'postgres://nobody@127.0.0.1:1/nothing'
const pool = new pg.Pool({ connectionString: url })
const own = new OwnPool({ connectionString: url })
const client = new pg.Client({ connectionString: url })

t.test('a pool is told from a single connection', async (t) => {
  for (const one of [pool, own]) t.strictSame([isNodePostgres(one), isNodePostgres(one) && isPool(one), isSingleConnection(one)], [true, true, false])
  t.strictSame([isNodePostgres(client), isSingleConnection(client)], [true, true])
})

t.test('clients of other drivers are neither', async (t) => {
  const lite = new PGlite()
  const other = postgres(url)
  t.teardown(async () => { await lite.close(); await other.end() })
  for (const one of [lite, other, undefined, null, () => {}, { query () {} }]) t.strictSame([isNodePostgres(one), isSingleConnection(one)], [false, false])
})
