import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import t, { type Test } from 'tap'
import { userScope } from '../../../../lib/repository/user-scope.js'
import { appRole, policiesOf } from '../../../fixtures/policies.js'
import { startSuperuserPostgres, startPostgres } from '../../../fixtures/postgres.js'
import { createTables, notes, schema, tasks } from '../../../fixtures/task-schema.js'

/** A pool of one connection under row-level security, and an administrator's. */
async function start (t: Test) {
  const { url } = await startSuperuserPostgres(t)
  const admin = new pg.Pool({ connectionString: url, max: 2 })
  const pool = new pg.Pool({ connectionString: Object.assign(new URL(url), appRole).href, max: 1 })
  t.teardown(async () => { await pool.end(); await admin.end() })
  await admin.query(createTables + policiesOf({ tasks, notes }))
  const db = drizzle(pool, { schema })
  const scopeOf = (user: string) => userScope(db, user, { rowLevelSecurity: true })
  for (const user of ['A', 'B']) await scopeOf(user).repository(notes).insert({ body: `of ${user}` })
  const bodiesOf = async (user: string): Promise<unknown> => (await scopeOf(user).repository(notes).findMany()).map(({ body }) => body)
  return { admin, pool, scopeOf, bodiesOf }
}

t.test('each statement is of its user, and the connection forgets whom', async (t) => {
  const { pool, bodiesOf } = await start(t)
  t.strictSame(await Promise.all(['A', 'B', 'A', 'B', 'C'].map(bodiesOf)), [['of A'], ['of B'], ['of A'], ['of B'], []])
  t.notOk((await pool.query("select current_setting('app.user_id', true) as me")).rows[0].me)
  t.equal(pool.totalCount, 1)
})

t.test('what fails is undone, told, and gives its connection back', async (t) => {
  const { admin, pool, scopeOf, bodiesOf } = await start(t)
  await admin.query(`create function at_commit() returns trigger language plpgsql as $$ begin
    if new.title = 'late' then raise exception 'too late' using errcode = '23514'; end if; return null; end $$;
    create constraint trigger late after insert on tasks deferrable initially deferred for each row execute function at_commit()`)
  const { db, repository } = scopeOf('A')
  for (let turn = 0; turn < 2; turn++) {
    await t.rejects(repository(tasks).insert({ title: 'late' }), { code: '23514' })
    await t.rejects(db.select({ one: sql`1 / 0` }).from(notes), { cause: { code: '22012' } })
    t.strictSame(await bodiesOf('A'), ['of A'])
  }
  t.equal((await admin.query('select * from tasks')).rowCount, 0)
  t.strictSame([pool.totalCount, pool.idleCount, pool.waitingCount], [1, 1, 0])
})

t.test('a connection that dies under a statement costs that statement, and the pool none', async (t) => {
  const { admin, pool, bodiesOf } = await start(t)
  for (let turn = 0; turn < 3; turn++) {
    const locker = await admin.connect()
    await locker.query('begin; lock table notes')
    const lost = bodiesOf('A').then(() => 'answered', (error: Error) => error)
    while ((await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")).rowCount === 0);
    t.ok(await lost instanceof Error)
    await locker.query('rollback')
    locker.release()
    t.strictSame(await bodiesOf('B'), ['of B'])
  }
  t.equal(pool.totalCount, 1)
})

t.test('one connection that is no pool is refused where requests would share its transactions', async (t) => {
  const { url } = await startPostgres(t)
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(createTables)
  const single = drizzle(client, { schema })
  t.throws(() => userScope(single, 'A', { rowLevelSecurity: true }), { name: 'TypeError', message: /needs a pool/ })
  const { db, repository } = userScope(single, 'A')
  await repository(notes).insert({ body: 'alone' })
  await t.rejects(db.transaction(async (tx) => await tx.select().from(notes)), { code: 'FAI_UNSUPPORTED', message: /needs a pool/ })
  t.equal(await repository(notes).count(), 1)
})
