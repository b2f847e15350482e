import { eq, sql } from 'drizzle-orm'
import { integer, pgView, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { appRole, policiesOf } from '../fixtures/policies.js'
import { startOwnPostgres } from '../fixtures/postgres.js'
import { createTables, notes, schema, tasks } from '../fixtures/task-schema.js'

// Under row-level security each statement is a transaction of its own, and on `postgres` those of several users follow each other
// on one connection.

/** A server, its administrator, and users on a pool of their own, all under row-level security. */
async function start (t: Test, options: object = {}) {
  const { url, server } = await startOwnPostgres(t)
  const admin = postgresJs(url, { max: 1, onnotice: () => {}, backoff: () => 0 })
  t.teardown(() => admin.end({ timeout: 0 }))
  await admin.unsafe(createTables + policiesOf({ tasks, notes }))
  const notices: unknown[] = []
  const client = postgresJs(Object.assign(new URL(url), appRole).href, { max: 1, backoff: () => 0, connect_timeout: 2, onnotice: (notice) => { notices.push(notice.message) }, ...options })
  t.teardown(() => client.end({ timeout: 0 }))
  const db = drizzle(client, { schema })
  const userOf = (user: string) => userScope(db, user, { rowLevelSecurity: true }).repository(notes)
  const bodiesOf = async (user: string): Promise<unknown> => (await userOf(user).findMany()).map(({ body }) => body)
  for (const user of ['A', 'B', 'C']) await userOf(user).insert({ body: `of ${user}` })
  const bodies = async (): Promise<unknown> => (await Promise.all(['A', 'B', 'C'].map(bodiesOf))).flat()
  return { url, server, admin, client, db, userOf, bodiesOf, bodies, notices }
}

const everybody = ['of A', 'of B', 'of C']

/** Holds a table until the answer is called. */
async function lock (t: Test, url: string, table: string): Promise<() => Promise<unknown>> {
  const locker = postgresJs(url, { max: 1, onnotice: () => {} })
  t.teardown(() => locker.end({ timeout: 0 }))
  await locker.unsafe(`begin; lock table ${table}`).simple()
  return async () => await locker.unsafe('rollback').catch(() => {})
}

/** Ends the connection of whoever waits for a lock. */
async function terminateWaiting (admin: postgresJs.Sql): Promise<void> {
  for (;;) {
    const ended = await admin`select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'`
    if (ended.length > 0) return
  }
}

t.test('a connection that dies under a statement costs that statement, and neither the process nor the pool', async (t) => {
  const { url, admin, bodiesOf, bodies } = await start(t)
  for (let turn = 0; turn < 4; turn++) {
    const unlock = await lock(t, url, 'notes')
    const lost = bodiesOf('A').catch((error: unknown) => error)
    // These wait for the connection; one of them may be told with it, since `postgres` tells the next statement of the last one's end.
    const behind = turn % 2 === 0 ? [] : ['B', 'C'].map(async (user) => await bodiesOf(user).catch((error: unknown) => error))
    await terminateWaiting(admin)
    await unlock()
    t.ok(await lost instanceof Error, 'the statement fails')
    for (const [index, answer] of (await Promise.all(behind)).entries()) t.ok(answer instanceof Error || String(answer) === everybody[index + 1], 'nobody has another\'s answer')
    await bodies().catch(() => {})
    t.strictSame(await bodies(), everybody, 'everybody is served again')
  }
})

t.test('a database that stops and comes back is served from the whole pool again', async (t) => {
  const { server, admin, bodies, bodiesOf } = await start(t, { max: 3 })
  await Promise.all(Array.from({ length: 9 }, bodies))
  await server.stop()
  const refused = await Promise.allSettled(Array.from({ length: 12 }, async () => await bodiesOf('A')))
  t.same(new Set(refused.map(({ status }) => status)), new Set(['rejected']))
  await server.start()
  // Whoever comes first may be told of the end of the connections there were, of each of them once.
  const open = async (): Promise<number> => (await admin`select count(*)::int as n from pg_stat_activity where usename = ${appRole.username}`.catch(() => []))[0]?.n ?? 0
  while (await open() < 3) await Promise.allSettled(Array.from({ length: 9 }, bodies))
  for (const answer of await Promise.all(Array.from({ length: 9 }, bodies))) t.strictSame(answer, everybody)
  t.equal(await open(), 3)
})

t.test('what fails at its commit is told, and the next transaction is whole', async (t) => {
  const { admin, db, client, bodies, notices } = await start(t)
  await admin.unsafe(`create function at_commit() returns trigger language plpgsql as $$ begin
    if new.title = 'late' then raise exception 'too late' using errcode = '23514'; end if; return null; end $$;
    create constraint trigger late after insert on tasks deferrable initially deferred for each row execute function at_commit()`)
  const scope = userScope(db, 'A', { rowLevelSecurity: true })
  const answers = await Promise.allSettled([scope.repository(tasks).insert({ title: 'late' }), bodies(), scope.repository(tasks).insert({ title: 'fine' }), bodies()])
  t.match(answers, [{ status: 'rejected', reason: { cause: { code: '23514' } } }, { value: everybody }, { value: { title: 'fine' } }, { value: everybody }])
  t.equal((await admin`select count(*)::int as n from tasks`)[0]!.n, 1)
  t.notOk((await client`select current_setting('app.user_id', true) as me`)[0]!.me)
  t.same(notices, [])
})

t.test('nothing is sent behind a write, which would be done twice if the commit before it failed', async (t) => {
  const { url, admin } = await start(t)
  await admin.unsafe(`grant all on all tables in schema public to ${appRole.username}; create function at_commit() returns trigger language plpgsql as $$ begin
    if new.title = 'late' then raise exception 'too late' using errcode = '23514'; end if; return null; end $$;
    create constraint trigger late after insert on tasks deferrable initially deferred for each row execute function at_commit()`)
  // Whom the policies do not bind until the transaction has taken the role.
  const client = postgresJs(url, { max: 1, onnotice: () => {} })
  t.teardown(() => client.end({ timeout: 0 }))
  const { repository } = userScope(drizzle(client, { schema }), 'A', { rowLevelSecurity: { role: appRole.username } })
  const answers = await Promise.allSettled(['late', 'fine', 'late', 'good'].map(async (title) => await repository(tasks).insert({ title })))
  t.strictSame(answers.map(({ status }) => status), ['rejected', 'fulfilled', 'rejected', 'fulfilled'])
  t.strictSame((await admin`select title from tasks order by id`).map(({ title }) => title), ['fine', 'good'])
})

/** Lets the policy of notes call a function that does what is given, with `me` as the user. */
async function inPolicy (admin: postgresJs.Sql, body: string): Promise<void> {
  await admin.unsafe(`create function also() returns boolean language plpgsql volatile as $$
      declare me text := current_setting('app.user_id', true); begin ${body}; return true; end $$;
    create policy also on notes as restrictive for select using (also())`)
}

t.test('reads that are sent behind each other are transactions of their own, each of its user', async (t) => {
  const sent: string[] = []
  const { admin, userOf } = await start(t, { debug: (_connection: number, text: string) => { sent.push(text) } })
  await admin.unsafe('create table seen (me text, transaction text); grant all on seen to public')
  await inPolicy(admin, 'insert into seen values (me || current_user, pg_current_xact_id())')
  const users = ['A', 'B', 'C', 'A', 'B', 'C', 'A', 'A']
  for (let turn = 0; turn < 3; turn++) {
    await admin`truncate seen`
    sent.length = 0
    const answers = await Promise.all(users.map(async (user) => {
      const [row] = await userOf(user).findMany()
      sent.push('answered')
      return row!.body
    }))
    t.strictSame(answers, users.map((user) => `of ${user}`))
    const seen = await admin`select me, count(distinct transaction)::int as n from seen group by me order by me`
    t.strictSame(seen.map(({ me, n }) => [me, n]), [['Aapp', 4], ['Bapp', 2], ['Capp', 2]])
    if (turn > 0) t.ok(sent.slice(0, sent.indexOf('answered')).filter((text) => text.includes('set_config')).length > 4, 'sent without waiting for answers')
  }
})

t.test('reads that were sent behind one whose commit fails are made again, as their users', async (t) => {
  const { admin, bodiesOf, notices } = await start(t)
  await admin.unsafe('create table slips (n int primary key deferrable initially deferred); insert into slips values (1); grant all on slips to public')
  await inPolicy(admin, "if me = 'A' then insert into slips values (1); end if")
  for (let turn = 0; turn < 3; turn++) {
    const answers = await Promise.allSettled(['A', 'B', 'C', 'A', 'B'].map(bodiesOf))
    const slipped = { status: 'rejected', reason: { cause: { code: '23505' } } }
    t.match(answers, [slipped, { value: ['of B'] }, { value: ['of C'] }, slipped, { value: ['of B'] }])
  }
  t.same(notices, [])
})

t.test('what may have an effect is not sent behind a read: it would have it twice, once as the role that connects', async (t) => {
  const { url, admin } = await start(t)
  await admin.unsafe(`create table log (who text); create table slips (n int primary key deferrable initially deferred); insert into slips values (1);
    grant all on log, slips, notes to ${appRole.username};
    create function logged() returns int language sql volatile as $$ insert into log values (current_user) returning 1 $$;
    create view logging as select id, user_id, logged() from notes; grant select on logging to ${appRole.username}`)
  await inPolicy(admin, "if me = 'A' then insert into slips values (1); end if")
  const client = postgresJs(url, { max: 1, onnotice: () => {} })
  t.teardown(() => client.end({ timeout: 0 }))
  const db = drizzle(client, { schema })
  const scopeOf = (user: string) => userScope(db, user, { rowLevelSecurity: { role: appRole.username } })
  const logging = pgView('logging', { id: integer(), userId: text('user_id') }).existing()
  const effects: Array<() => PromiseLike<unknown>> = [
    () => scopeOf('B').db.select({ n: sql`logged()` }).from(notes),
    () => scopeOf('B').db.select().from(notes).orderBy(sql`logged()`),
    () => scopeOf('B').db.select().from(notes).where(sql`logged() = 1`),
    () => scopeOf('B').db.select().from(logging),
    () => scopeOf('B').db.execute(sql`select logged() from notes`)
  ]
  for (const effect of effects) {
    for (let turn = 0; turn < 2; turn++) {
      await admin`truncate log`
      const [failed, done] = await Promise.allSettled([scopeOf('A').repository(notes).findMany(), effect()])
      t.match([failed, done], [{ status: 'rejected' }, { status: 'fulfilled' }])
      t.strictSame((await admin`select distinct who from log`).map(({ who }) => who), [appRole.username])
    }
  }
})

t.test('a quick read does not wait behind a slow one while a connection is free', async (t) => {
  const { url, userOf, db } = await start(t, { max: 2 })
  for (let turn = 0; turn < 3; turn++) await Promise.all([userOf('A').count(), userScope(db, 'A', { rowLevelSecurity: true }).repository(tasks).count()])
  const unlock = await lock(t, url, 'notes')
  const slow = userOf('A').count()
  const quick = userScope(db, 'B', { rowLevelSecurity: true }).repository(tasks).count()
  t.equal(await quick, 0)
  await unlock()
  t.equal(await slow, 1)
})

t.test('a plan that has gone stale is made anew in the user\'s own transaction', async (t) => {
  const { admin, userOf, bodies } = await start(t)
  for (let turn = 0; turn < 3; turn++) await bodies()
  await admin.unsafe('alter table notes alter column body type varchar(100)')
  // `postgres` repeats the statement by itself, when its transaction is over already.
  t.strictSame(await Promise.all([bodies(), bodies()]), [everybody, everybody])
  await userOf('A').insert({ body: 'one more' })
  await admin.unsafe('alter table notes alter column body type varchar(200)')
  const [written] = await Promise.all([userOf('A').insert({ body: 'stale' }), bodies()])
  t.match(written, { body: 'stale', userId: 'A' })
  t.equal((await userOf('A').findMany({ where: eq(notes.body, 'stale') })).length, 1)
})

t.test('prepared statements that the server has forgotten are prepared anew', async (t) => {
  const { client, userOf, bodies, notices } = await start(t)
  for (let turn = 0; turn < 3; turn++) {
    await Promise.all([bodies(), bodies()])
    await client.unsafe('deallocate all')
    t.strictSame(await Promise.all([bodies(), bodies()]), [everybody, everybody])
  }
  await userOf('A').insert({ body: 'one more' })
  await client.unsafe('deallocate all')
  t.match(await userOf('A').insert({ body: 'forgotten' }), { userId: 'A', body: 'forgotten' })
  t.equal((await userOf('A').findMany({ where: eq(notes.body, 'forgotten') })).length, 1)
  t.notOk((await client`select current_setting('app.user_id', true) as me`)[0]!.me)
  t.same(notices, [])
})

t.test('a statement that is new to a connection whose prepared ones are forgotten is answered', async (t) => {
  const { client, userOf, bodies, notices } = await start(t)
  await bodies()
  for (let limit = 1; limit < 4; limit++) {
    await client.unsafe('deallocate all')
    const [alone] = await Promise.all([userOf('A').findMany({ where: sql`${notes.body} <> ${sql.raw(`'${limit}'`)}` }), limit > 1 ? bodies() : []])
    t.match(alone, [{ body: 'of A' }])
  }
  t.same(notices, [])
})

t.test('statements outside of the scope have their turn', async (t) => {
  const { client, bodiesOf } = await start(t)
  let served = 0
  let begun = (): void => {}
  const hasBegun = new Promise<void>((resolve) => { begun = resolve })
  const scoped = Promise.all(Array.from({ length: 200 }, async () => {
    await bodiesOf('A')
    if (served++ === 0) begun()
  }))
  await hasBegun
  await client`select 1`
  t.ok(served < 100, `after ${served} of 200 transactions`)
  await scoped
})

t.test('who waits for a connection longer than it may take to connect gives up', async (t) => {
  const { client, userOf, bodies } = await start(t, { connect_timeout: 0.2 })
  let free = (): void => {}
  const held = new Promise<void>((resolve) => { free = resolve })
  let taken = (): void => {}
  const isTaken = new Promise<void>((resolve) => { taken = resolve })
  const holder = client.begin(async () => {
    taken()
    await held
  })
  await isTaken
  await t.rejects(userOf('A').insert({ body: 'too late' }), { cause: { code: 'CONNECT_TIMEOUT' } })
  free()
  await holder
  t.strictSame(await bodies(), everybody, 'and is not served afterwards')
})
