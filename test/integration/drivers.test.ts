import type { PGlite } from '@electric-sql/pglite'
import { asc, desc, eq, gt, or, sql } from 'drizzle-orm'
import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import type { PgliteDatabase } from 'drizzle-orm/pglite'
import { drizzle } from 'drizzle-orm/postgres-js'
import { withReplicas, type PgDatabase } from 'drizzle-orm/pg-core'
import pg from 'pg'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { errors } from '../../lib/errors.js'
import { userScope } from '../../lib/repository/user-scope.js'
import { drivers } from '../fixtures/drivers.js'
import { neonDrivers } from '../fixtures/neon.js'
import { policiesOf } from '../fixtures/policies.js'
import { rowLevelSecurityByRole, startPlace, theScopeAlone } from '../fixtures/settings.js'
import { createTables, entries, notes, projects, samples, schema, tasks } from '../fixtures/task-schema.js'

const createDatabase = async (t: Test): Promise<string> => (await startPlace(t, theScopeAlone)).url

// What every driver must do alike; statements come back more than twice, so that prepared ones are among them.
for (const { name, network, transactions, open } of [...drivers, ...neonDrivers]) {
  t.test(`${name} runs the core`, async (t) => {
    // PGlite takes seconds to start, and its superuser is one for whom policies do not count until the role is taken.
    const inProcess = network ? undefined : open(t, '').db as PgliteDatabase & { $client: PGlite }
    await inProcess?.$client.exec(createTables + policiesOf(schema))

    for (const setting of transactions ? [theScopeAlone, rowLevelSecurityByRole] : [theScopeAlone]) {
      await t.test(setting.name, async (t) => {
        const { url, options } = await startPlace(t, setting, createTables, schema)
        const db = inProcess ?? open(t, url).db
        await inProcess?.$client.exec('truncate projects, tasks, notes, entries, samples, app.memos')
        const a = userScope(db, 'A', options)
        const b = userScope(db, 'B', options)
        const foreign = await b.repository(notes).insert({ body: 'of B' })

        await t.test('repository', async (t) => {
          const repository = a.repository(tasks)
          const made = await repository.insert({ title: 'first' })
          t.match(made, { id: Number, userId: 'A', title: 'first', done: false })
          t.ok(Math.abs(Date.now() - made.createdAt.getTime()) < 60_000)
          for (const title of ['second', 'third', 'fourth']) await repository.insert({ title })
          for (let times = 0; times < 4; times++) {
            t.match(await repository.findById(made.id), { id: made.id, title: 'first', createdAt: made.createdAt })
            t.equal((await repository.findMany({ orderBy: desc(tasks.id), limit: 2, offset: 1, columns: { title: true } }))[0]?.title, 'third')
            t.equal(await repository.count(), 4)
            t.match(await repository.updateById(made.id, { done: times % 2 === 0 }), { done: times % 2 === 0 })
            t.equal(await a.repository(notes).findById(foreign.id), undefined)
          }
          let cursor: string | null | undefined
          const seen: string[] = []
          do {
            const page: { items: Array<{ title: string }>, nextCursor: string | null } = await repository.paginate({ limit: 1, orderBy: desc(tasks.createdAt), cursor })
            seen.push(...page.items.map(({ title }) => title))
            cursor = page.nextCursor
          } while (cursor !== null)
          t.same(seen, ['fourth', 'third', 'second', 'first'])
          t.match(await repository.deleteById(made.id), { title: 'first' })
          t.equal(await repository.exists(eq(tasks.id, made.id)), false)
          await t.rejects(a.repository(notes).upsert({ id: foreign.id, body: 'mine' }, { target: notes.id }), errors.Conflict)
          t.match(await a.repository(entries).upsert({ day: 'd', slot: 1, text: 'x' }, { target: [entries.userId, entries.day, entries.slot] }), { text: 'x' })
          await t.rejects(repository.paginate({ cursor: 'nonsense' }), errors.InvalidCursor)
        })

        await t.test('values of every type', async (t) => {
          const row = { id: 1, label: "it's", amount: 12.5, at: new Date('2024-03-10T08:30:00.123Z'), lasts: '01:30:00', tags: ['x', 'y"'], info: { deep: [1, 'ü'] }, mood: 'good' as const }
          t.match(await a.repository(samples).insert(row), row)
          t.match(await a.repository(samples).findById(1), row)
          t.match(await a.db.select().from(samples).where(eq(samples.at, row.at)), [row])
          t.match(await a.repository(samples).updateById(1, { at: null, tags: [], info: [1] }), { at: null, tags: [], info: [1] })
          t.match((await a.repository(samples).paginate({ orderBy: [samples.mood, samples.amount] })).items, [{ id: 1 }])
          await t.rejects(a.repository(samples).updateById(1, { at: 5 as never }), errors.InvalidTimestamp)
        })

        await t.test('builders', async (t) => {
          for (let times = 0; times < 4; times++) {
            t.equal((await a.db.select().from(tasks).where(or(gt(tasks.id, 0), sql`true`)).orderBy(asc(tasks.id))).length, 3)
            t.equal(await a.db.$count(tasks), 3)
          }
          t.same(await a.db.select().from(notes), [])
          t.match(await a.db.update(tasks).set({ done: true }).returning(), [{ done: true }, { done: true }, { done: true }])
          t.same(await a.db.delete(notes).returning(), [])
          const prepared = a.db.select({ title: tasks.title }).from(tasks).where(eq(tasks.title, sql.placeholder('title'))).prepare('by_title')
          t.same(await prepared.execute({ title: 'second' }), [{ title: 'second' }])
          await t.rejects(async () => await a.db.select().from(db.select().from(notes).as('x') as never), errors.ForeignBuilder)
        })

        if (transactions) {
          await t.test('a transaction of the app\'s own is refused, and stays whole', async (t) => {
            const before = await a.repository(notes).count()
            await t.rejects(db.transaction(async (tx) => {
              await tx.insert(notes).values({ userId: 'A', body: 'undone' })
              await userScope(tx as unknown as typeof db, 'A', options).repository(notes).count()
            }), { name: 'TypeError', message: /^"db" is a transaction/ })
            t.equal(await a.repository(notes).count(), before)
          })

          await t.test('transactions', async (t) => {
            await t.rejects(a.db.transaction(async (tx) => { await tx.delete(tasks); tx.rollback() }))
            t.equal(await a.db.$count(tasks), 3)
            await a.db.transaction(async (tx) => {
              await tx.repository(tasks).insert({ title: 'inside' })
              await tx.transaction(async (inner) => { await inner.delete(tasks); inner.rollback() }).catch(() => {})
            }, { isolationLevel: 'repeatable read' })
            t.equal(await a.db.$count(tasks), 4)
          })
        }

        t.same((await b.db.select().from(notes)).map(({ body }) => body), ['of B'])
      })
    }
  })
}

t.test('relational queries, over a schema', async (t) => {
  const pool = new pg.Pool({ connectionString: await createDatabase(t), max: 2 })
  t.teardown(() => pool.end())
  await pool.query(createTables)
  const { db, repository } = userScope(drizzleNodePostgres(pool, { schema }), 'A')
  const { id } = await repository(projects).insert({ name: 'p' })
  await repository(tasks).insert({ title: 'x', projectId: id })
  for (let times = 0; times < 3; times++) t.match(await db.query.projects.findMany({ with: { tasks: true } }), [{ tasks: [{ title: 'x' }] }])
})

t.test('two scopes over one pool do not name two statements alike', async (t) => {
  const pool = new pg.Pool({ connectionString: await createDatabase(t), max: 1 })
  t.teardown(() => pool.end())
  await pool.query(createTables)
  const db = drizzleNodePostgres(pool)
  const one = userScope(db, 'A')
  const two = userScope(db, 'A', { ownerColumn: (table) => table === notes ? notes.userId : undefined })
  for (let times = 0; times < 3; times++) {
    t.equal(await one.repository(tasks).count(), 0)
    t.equal(await two.repository(notes).count(), 0)
    t.same(await one.db.select().from(projects), [])
    t.same(await two.db.select({ id: notes.id }).from(notes), [])
  }
})

// Which of the server's statements a client keeps prepared.
const preparedBy = async (client: postgresJs.Sql): Promise<string[]> => (await client.unsafe('select statement from pg_prepared_statements')).map(({ statement }) => statement as string)

t.test('statements that come back are prepared, and none is with prepare: false', async (t) => {
  const url = await createDatabase(t)
  const first = postgresJs(url, { max: 1, onnotice: () => {} })
  const second = postgresJs(url, { max: 1, prepare: false, onnotice: () => {} })
  t.teardown(() => Promise.all([first.end(), second.end()]))
  await first.unsafe(createTables)
  for (const client of [first, second]) {
    const { db, repository } = userScope(drizzle(client), 'A')
    for (let times = 0; times < 3; times++) {
      await repository(tasks).count()
      await repository(tasks).insert({ title: 'x' })
      await db.select().from(tasks).where(gt(tasks.id, 0))
      await db.transaction(async (tx) => { await tx.select().from(tasks); await tx.repository(tasks).findById(1) })
    }
  }
  t.ok((await preparedBy(first)).filter((statement) => statement.includes('"tasks"')).length >= 3)
  t.same(await preparedBy(second), [])
})

t.test('reads go to the replica, writes and locks to the primary', async (t) => {
  const client = postgresJs(await createDatabase(t), { max: 2, onnotice: () => {} })
  t.teardown(() => client.end())
  await client.unsafe(createTables)
  const log: string[] = []
  const logged = (name: string): PgDatabase<any, any, any> => drizzle(client, { schema, logger: { logQuery: (text) => { log.push(`${name} ${/\w+/.exec(text)![0]}`) } } })
  const { db, repository } = userScope(withReplicas(logged('primary'), [logged('replica')]) as never, 'A') as ReturnType<typeof userScope<ReturnType<typeof drizzle<typeof schema>>>>
  const went = async (run: () => PromiseLike<unknown>): Promise<string[]> => {
    log.length = 0
    await run()
    return [...log]
  }
  const written = db.$with('written').as(db.delete(tasks).returning())
  const expected: Array<[string, string, () => PromiseLike<unknown>]> = [
    ['select', 'replica select', () => db.select().from(tasks)],
    ['count', 'replica select', () => db.$count(tasks)],
    ['relational', 'replica select', () => db.query.tasks.findMany()],
    ['findMany', 'replica select', () => repository(tasks).findMany()],
    ['findById', 'replica select', () => repository(tasks).findById(1)],
    ['select for update', 'primary select', () => db.select().from(tasks).for('update')],
    ['a lock in a sub-query', 'primary select', () => db.select().from(db.select().from(tasks).for('share').as('x'))],
    ['a lock in a fragment', 'primary select', () => db.select().from(tasks).where(sql`exists ${db.select().from(notes).for('update')}`)],
    ['a writing expression', 'primary with', () => db.with(written).select().from(written)],
    ['insert', 'primary insert', () => db.insert(notes).values({})],
    ['update', 'primary update', () => db.update(notes).set({ body: 'x' })],
    ['delete', 'primary delete', () => db.delete(notes)],
    ['repository.insert', 'primary insert', () => repository(notes).insert({})],
    ['repository.deleteById', 'primary delete', () => repository(tasks).deleteById(1)]
  ]
  for (let times = 0; times < 2; times++) for (const [name, where, run] of expected) t.same(await went(run), [where], name)
  const inside = await went(() => db.transaction(async (tx) => { await tx.select().from(tasks); await tx.repository(tasks).findMany() }))
  t.same(inside, ['primary select', 'primary select'])
})
