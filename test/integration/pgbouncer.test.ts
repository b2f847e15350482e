import { eq } from 'drizzle-orm'
import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import type { RowLevelSecurityOptions } from '../../lib/options.js'
import { userScope } from '../../lib/repository/scope.js'
import { startPgbouncer, withoutPgbouncer } from '../fixtures/pgbouncer.js'
import { startOwnPostgres } from '../fixtures/postgres.js'
import { createTables, notes, schema, tasks } from '../fixtures/task-schema.js'

const policies = ['tasks', 'notes'].map((table) => `
  create policy user_isolation on ${table} using (user_id = nullif(current_setting('app.user_id', true), ''));
  alter table ${table} enable row level security; alter table ${table} force row level security;
  grant select, insert, update, delete on ${table} to app_user;`).join('')

type Database = PgDatabase<PgQueryResultHKT, typeof schema>
const drivers: Array<[name: string, open: (t: Test, url: string) => Database]> = [
  ['postgres-js with prepare: false', (t, url) => {
    const client = postgresJs(url, { prepare: false, max: 5, onnotice: () => {} })
    t.teardown(() => client.end({ timeout: 1 }))
    return drizzlePostgresJs(client, { schema })
  }],
  // pg has no such option of its own; the plugin reads it there all the same.
  ['node-postgres with prepare: false', (t, url) => {
    const pool = new pg.Pool({ connectionString: url, max: 5, prepare: false } as pg.PoolConfig)
    t.teardown(() => pool.end())
    return drizzleNodePostgres(pool, { schema }) as unknown as Database
  }]
]
const walls: Array<[name: string, rowLevelSecurity: false | RowLevelSecurityOptions]> = [
  ['the scope alone', false],
  ['row-level security', { role: 'app_user' }]
]
const users = Array.from({ length: 20 }, (_, index) => `user-${index}`)

t.test('through PgBouncer in transaction mode, with one connection and twenty alternating users', { skip: withoutPgbouncer }, async (t) => {
  const { url, createDatabase } = await startOwnPostgres(t)
  const setUp = async (database: string, statements: string): Promise<void> => {
    const client = postgresJs(database, { max: 1, onnotice: () => {} })
    await client.unsafe(statements)
    await client.end()
  }
  await setUp(url, 'create role app_user nosuperuser nobypassrls')

  for (const [wallName, rowLevelSecurity] of walls) {
    for (const [driverName, open] of drivers) {
      await t.test(`${wallName}, ${driverName}`, async (t) => {
        const database = await createDatabase()
        await setUp(database, createTables + policies)
        const db = open(t, await startPgbouncer(t, database))
        const scope = (user: string) => userScope(db, user, { rowLevelSecurity })

        const work = async (user: string, round: number): Promise<void> => {
          const { db, repository } = scope(user)
          const mine = await repository(tasks).insert({ title: `${user} ${round}` })
          const others = await repository(tasks).findMany()
          const found = await repository(tasks).findById(mine.id)
          const seen: string[] = []
          await db.transaction(async (tx) => {
            await tx.insert(notes).values({ body: user })
            await tx.update(notes).set({ body: `${user}!` })
            const rows = await tx.select().from(notes)
            seen.push(...rows.map(({ userId, body }) => `${userId} ${body}`))
          })
          const expected = [...others.map(({ userId }) => `${userId} ${user}!`), ...seen]
          t.ok(
            expected.length === 2 * (round + 1) && expected.every((text) => text === `${user} ${user}!`) &&
            found?.title === `${user} ${round}` && await db.$count(tasks, eq(tasks.done, false)) === round + 1,
            `${user} sees nothing but their own in round ${round}`
          )
        }
        for (let round = 0; round < 4; round++) await Promise.all(users.map(async (user) => await work(user, round)))

        t.strictSame(await scope('nobody').repository(tasks).findMany(), [], 'and nothing of the last user stays on the connection')
      })
    }
  }
})
