import { desc, eq, exists, sql } from 'drizzle-orm'
import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import { drizzle } from 'drizzle-orm/postgres-js'
import Fastify from 'fastify'
import pg from 'pg'
import postgres from 'postgres'
import t from 'tap'
import authIntegration from '../../lib/index.js'
import { errors } from '../../lib/errors.js'
import { forceRowLevelSecurity } from '../../lib/schema/user-isolation-policy.js'
import { userScope } from '../../lib/repository/user-scope.js'
import { policiesOf, createRole } from '../fixtures/policies.js'
import { startSuperuserPostgres } from '../fixtures/postgres.js'
import { createTables, projects, schema, tasks } from '../fixtures/task-schema.js'

const roles = `
  ${createRole('bypassing', 'nosuperuser bypassrls')}
  grant all on all tables in schema public to bypassing;
`

// postgres-js answers the rows themselves, node-postgres an object that holds them.
function rowsOf (answer: unknown): unknown[] {
  return [...(Array.isArray(answer) ? answer : (answer as { rows: unknown[] }).rows)]
}

async function startWalled (t: { teardown: (handler: () => unknown) => void }) {
  const { url } = await startSuperuserPostgres(t)
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  await admin.unsafe(createTables + policiesOf(schema) + roles)
  t.teardown(() => admin.end())
  const urlAs = (role: string): string => Object.assign(new URL(url), { username: role, password: 'test' }).href
  return { url, urlAs, admin }
}

t.test('under row-level security', async (t) => {
  const { urlAs, admin } = await startWalled(t)
  const client = postgres(urlAs('app'), { max: 3, onnotice: () => {} })
  const pool = new pg.Pool({ connectionString: urlAs('app'), max: 3 })
  t.teardown(async () => { await client.end(); await pool.end() })
  const databases = { 'postgres-js': drizzle(client, { schema }), 'node-postgres': drizzleNodePostgres(pool, { schema }) }

  for (const [driver, db] of Object.entries(databases)) {
    await t.test(`${driver}: the scope works as without it`, async (t) => {
      const [a, b] = ['A', 'B'].map((user) => userScope(db, `${user} ${driver}`, { rowLevelSecurity: true })) as [ReturnType<typeof userScope<typeof db>>, ReturnType<typeof userScope<typeof db>>]
      const project = await a.repository(projects).insert({ name: 'p' })
      const [first] = await a.repository(tasks).insert(['one', 'two', 'three'].map((title) => ({ title, projectId: project.id })))
      const secret = await b.repository(tasks).insert({ title: 'secret' })
      t.equal(await a.repository(tasks).count(), 3)
      t.equal(await a.repository(tasks).findById(secret.id), undefined)
      t.equal((await a.repository(tasks).updateById(first!.id, { title: 'uno' }))!.title, 'uno')
      t.equal((await a.db.select().from(tasks).leftJoin(projects, eq(projects.id, tasks.projectId)).orderBy(desc(tasks.id))).length, 3)
      t.equal((await a.db.query.projects.findFirst({ with: { tasks: true } }))!.tasks.length, 3)
      t.equal(await a.db.$count(tasks, exists(a.db.select({ one: sql`1` }).from(projects))), 3)
      t.equal((await a.db.delete(tasks).where(eq(tasks.id, secret.id)).returning()).length, 0)
      await t.rejects(a.repository(tasks).updateById(first!.id, { projectId: 999 }), errors.ForeignReference)

      await t.test('a transaction knows the user, and a failed one is undone', async (t) => {
        await t.rejects(a.db.transaction(async (tx) => {
          await tx.repository(tasks).insert({ title: 'undone' })
          await tx.transaction(async (inner) => { t.equal(await inner.$count(tasks), 4) })
          throw new Error('on purpose')
        }), { message: 'on purpose' })
        t.equal(await a.repository(tasks).count(), 3)
      })

      await t.test('raw SQL runs, and sees the user\'s rows only', async (t) => {
        t.strictSame(rowsOf(await a.db.execute(sql`select title from tasks where ${true} order by id`)), [{ title: 'uno' }, { title: 'two' }, { title: 'three' }])
        t.strictSame(rowsOf(await a.db.execute('select count(*)::int as n from tasks')), [{ n: 3 }])
        t.strictSame(rowsOf(await a.db.execute(sql`insert into notes (user_id, body) values (${`A ${driver}`}, 'select * into x') returning body as "into"`)), [{ into: 'select * into x' }])
        t.strictSame(rowsOf(await a.db.execute(sql`merge into notes using (values (1)) v (n) on body like 'select%' when matched then delete`)), [])
        for (const text of [
          "set app.user_id = 'B'", 'reset all', "select set_config('app.user_id', 'B', true)", 'commit', 'begin', 'do $$ begin end $$',
          'select 1; select 2', 'select 1; set role postgres', 'select 1 -- x', "select \"set_config\"('app.user_id', 'B', true)",
          "update pg_settings set setting = 'app' where name = 'search_path'", "update pg_catalog.\"pg_settings\" set setting = 'app' where name = 'search_path'",
          'select * into temp tasks from tasks', 'select * into mine from tasks', 'with mine as (table tasks) select * INTO temp tasks from mine',
          "select pg_catalog.set_config('app.user_id', 'B', true)", "select query_to_xml('select 1', true, true, '')", 'rollback', 'discard all'
        ]) await t.rejects(a.db.execute(text), errors.UnsafeFragment, text)
      })

      await t.test('a fragment may hold a sub-select, which PostgreSQL walls', async (t) => {
        t.equal((await a.db.select().from(tasks).where(sql`exists (select 1 from tasks where title = 'secret')`)).length, 0)
        t.equal((await a.db.select().from(tasks).where(sql`exists (select 1 from tasks where title = 'uno')`)).length, 3)
      })

      await t.test('the setting does not outlive its transaction', async (t) => {
        const read = driver === 'postgres-js'
          ? async () => (await client`select current_setting('app.user_id', true) as "user" from tasks right join (select 1) x on true`)[0]!.user
          : async () => (await pool.query('select current_setting(\'app.user_id\', true) as "user"')).rows[0].user
        for (let turn = 0; turn < 6; turn++) t.notOk(await read())
      })

      await t.test('a statement that fails before it is sent leaves no transaction open', async (t) => {
        const prepared = a.db.select().from(tasks).where(eq(tasks.id, sql.placeholder('id'))).prepare(`unsent ${driver}`)
        for (let turn = 0; turn < 6; turn++) await t.rejects(async () => await prepared.execute({}), /No value for placeholder/)
        t.equal((await admin`select count(*)::int as n from pg_stat_activity where usename = 'app' and state like 'idle in transaction%'`)[0]!.n, 0)
      })

      await t.test('a failing statement leaves the pool whole', async (t) => {
        for (let turn = 0; turn < 8; turn++) await t.rejects(async () => await a.db.select().from(tasks).where(sql`1 / 0 = 1`), { cause: { code: '22012' } })
        t.equal(await a.repository(tasks).count(), 3)
      })
    })
  }

  await t.test('without the scope PostgreSQL shows nothing', async (t) => {
    t.equal((await databases['postgres-js'].select().from(tasks)).length, 0)
    t.equal((await admin`select count(*)::int as n from tasks`)[0]!.n, 8)
  })

  await t.test('of two users, alternating on few connections, each sees their own', async (t) => {
    const db = databases['postgres-js']
    await Promise.all(Array.from({ length: 60 }, async (_, turn) => {
      const scope = userScope(db, `user ${turn % 20}`, { rowLevelSecurity: true })
      await scope.repository(tasks).insert({ title: `${turn}` })
      for (const task of await scope.repository(tasks).findMany()) t.equal(task.userId, `user ${turn % 20}`)
    }))
  })
})

t.test('a role that policies do not bind stops the start', async (t) => {
  const { url, urlAs, admin } = await startWalled(t)
  const secret = 'a secret of more than thirty-two bytes, for tests'
  const start = async (as: string, rowLevelSecurity: boolean | { role: string } = true): Promise<void> => {
    const client = postgres(as, { max: 1, onnotice: () => {} })
    const app = Fastify()
    try {
      await app.register(authIntegration, { secret, db: drizzle(client, { schema }), rowLevelSecurity })
      await app.ready()
    } finally {
      await app.close()
      await client.end()
    }
  }
  await t.rejects(start(url), { message: /role "postgres" is a superuser; .*create role/ })
  await t.rejects(start(urlAs('bypassing')), { message: /role "bypassing" has BYPASSRLS; alter role "bypassing" nobypassrls/ })
  // It owns the tables, and policies bind it by FORCE alone.
  await t.resolves(start(urlAs('app')))
  await t.resolves(start(url, { role: 'app' }))
  await t.rejects(start(url, { role: 'nobody' }), { message: /"nobody" does not exist/ })
  await admin.unsafe('alter table tasks no force row level security')
  await t.rejects(start(urlAs('app')), { message: /alter table public.tasks force row level security;/ })
  await admin.unsafe(forceRowLevelSecurity(tasks))
  await t.resolves(start(urlAs('app')))
})
