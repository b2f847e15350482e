import { neon, Pool as NeonPool } from '@neondatabase/serverless'
import { drizzle as drizzleNeonHttp } from 'drizzle-orm/neon-http'
import { drizzle as drizzleNeon } from 'drizzle-orm/neon-serverless'
import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import t from 'tap'
import type { Driver } from '../../lib/drivers/driver.js'
import { driverOf } from '../../lib/drivers/driver-of.js'
import type { DrizzleDatabase } from '../../lib/drizzle/contract.js'
import { errors } from '../../lib/errors.js'

const url = 'postgres://user:password@db.example/app'
const of = (db: object): Driver => driverOf((db as DrizzleDatabase).session)
const facts = ({ preparesStatements, isSingleConnection, isOverHttp }: Driver): boolean[] => [preparesStatements, isSingleConnection, isOverHttp]

t.test('each driver is told by its client', async (t) => {
  const pool = drizzleNodePostgres(new pg.Pool({ connectionString: url }))
  t.strictSame(facts(of(pool)), [true, false, false])
  t.equal(of(pool), of(pool), 'once a session')
  t.strictSame(facts(of(drizzleNodePostgres(new pg.Client({ connectionString: url })))), [true, true, false])
  t.strictSame(facts(of(drizzlePostgresJs(postgres(url)))), [true, false, false])
  t.strictSame(facts(of(drizzlePostgresJs(postgres(url, { prepare: false })))), [false, false, false])
  t.strictSame(facts(of(drizzleNeon(new NeonPool({ connectionString: url })))), [true, false, false])
  t.strictSame(facts(of(drizzleNeonHttp(neon(url)))), [true, false, true])
})

t.test('only postgres has to be handed values that cannot fail while they are sent', async (t) => {
  t.equal(of(drizzleNodePostgres(new pg.Pool({ connectionString: url }))).encode(1), 1)
  const { encode } = of(drizzlePostgresJs(postgres(url)))
  t.equal(encode(1), '1')
  t.throws(() => encode({}), errors.InvalidArgument)
})
