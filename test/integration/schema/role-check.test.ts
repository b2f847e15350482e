import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import { pgSchema, pgTable, serial, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgres from 'postgres'
import t from 'tap'
import type { DrizzleDatabase } from '../../../lib/drizzle/contract.js'
import { checkRole } from '../../../lib/schema/role-check.js'
import { createRole } from '../../fixtures/policies.js'
import { startSuperuserPostgres } from '../../fixtures/postgres.js'

const columns = { id: serial(), userId: text('user_id') }
const notes = pgTable('notes', columns)
const memos = pgSchema('App').table('Odd "memos"', columns)
const plans = pgTable('plans', { id: serial() })
const schema = { notes, memos, plans }

/** A server whose owned tables have policies and an owner of their own, and which roles may connect. */
async function start (t: Pick<typeof import('tap').default, 'teardown'>) {
  const { url } = await startSuperuserPostgres(t)
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create schema "App"; create table notes (id serial, user_id text); create table "App"."Odd ""memos""" (id serial, user_id text); create table plans (id serial);
    alter table notes enable row level security; alter table "App"."Odd ""memos""" enable row level security;
    ${createRole('app')} ${createRole('keeper')} ${createRole('heir', 'in role keeper')} ${createRole('bypassing', 'bypassrls')}
    grant usage on schema "App" to app, keeper, heir`)
  const checkOn = async (db: unknown, role?: string) => await checkRole(db as DrizzleDatabase, [notes, memos], role)
  const urlAs = (user: string) => user === 'postgres' ? url : Object.assign(new URL(url), { username: user, password: 'test' }).href
  const checkAs = async (user: string, role?: string) => {
    const client = postgres(urlAs(user), { max: 1, onnotice: () => {} })
    try {
      return await checkOn(drizzle(client, { schema }), role)
    } finally {
      await client.end()
    }
  }
  t.teardown(() => admin.end())
  return { admin, urlAs, checkOn, checkAs }
}

t.test('whether policies bind the role that statements run as', async (t) => {
  const { admin, urlAs, checkOn, checkAs } = await start(t)

  await t.test('a role without rights of its own is bound', async (t) => {
    t.strictSame(await checkAs('app'), [])
    t.strictSame(await checkAs('postgres', 'app'), [], 'also when another one connects and takes it')
  })

  await t.test('a superuser, one with BYPASSRLS and one that is not there are named', async (t) => {
    await t.rejects(checkAs('postgres'), { message: /^rowLevelSecurity binds nobody here: the role "postgres" is a superuser; .*rowLevelSecurity\.role: create role app_user/ })
    await t.rejects(checkAs('bypassing'), { message: /the role "bypassing" has BYPASSRLS; alter role "bypassing" nobypassrls/ })
    await t.rejects(checkAs('app', 'bypassing'), { message: /the role "bypassing" has BYPASSRLS/ }, 'the role that is taken is judged, not the one that connects')
    await t.rejects(checkAs('app', "x' or true --"), { message: /^rowLevelSecurity\.role "x' or true --" does not exist: create it/ })
  })

  await t.test('a table\'s owner, and who has its rights, are bound by FORCE alone', async (t) => {
    await admin.unsafe('alter table "App"."Odd ""memos""" owner to keeper')
    for (const user of ['keeper', 'heir']) {
      await t.rejects(checkAs(user), { message: `rowLevelSecurity does not bind the role "${user}" on the tables it owns: alter table "App"."Odd ""memos""" force row level security;` })
    }
    t.strictSame(await checkAs('app'), [], 'who owns nothing is')
    await admin.unsafe('alter table "App"."Odd ""memos""" force row level security')
    t.strictSame(await checkAs('keeper'), [])
  })

  await t.test('owned tables without row-level security are named, shared ones and those of other schemas are not', async (t) => {
    await admin.unsafe('alter table notes disable row level security; create schema other; create table other.notes (user_id text)')
    t.strictSame(await checkAs('app'), ['public.notes'])
  })

  await t.test('a driver that answers an object with rows tells the same', async (t) => {
    const pool = new pg.Pool({ connectionString: urlAs('app'), max: 1 })
    t.teardown(() => pool.end())
    t.strictSame(await checkOn(drizzleNodePostgres(pool, { schema })), ['public.notes'])
  })
})

t.test('a database that is away is told without the statement', async (t) => {
  const client = postgres('postgres://ada:x@127.0.0.1:1/none', { connect_timeout: 1 })
  t.teardown(() => client.end())
  const db = drizzle(client) as unknown as DrizzleDatabase
  await t.rejects(checkRole(db, [], undefined), {
    message: /^rowLevelSecurity asks the database, when the app starts, whether policies bind the role that connects, and got no answer: (?!Failed query).*ECONNREFUSED/,
    cause: { code: 'ECONNREFUSED' }
  })
})
