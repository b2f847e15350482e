import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { canary } from '../../fixtures/canary.js'
import { categories, notes, openTasks, tasks } from '../../fixtures/task-schema.js'

const { a, reset } = await canary(t)
t.beforeEach(reset)
const { db } = a

t.test('select, distinct and distinct on, each with an expression in front or not', async (t) => {
  const cte = db.$with('cte').as(db.select({ done: tasks.done }).from(tasks))
  t.equal((await db.select().from(tasks)).length, 3)
  t.equal((await db.selectDistinct({ done: tasks.done }).from(tasks)).length, 2)
  t.equal((await db.selectDistinctOn([tasks.done], { id: tasks.id }).from(tasks)).length, 2)
  t.equal((await db.with(cte).select().from(cte)).length, 3)
  t.equal((await db.with(cte).selectDistinct().from(cte)).length, 2)
  t.equal((await db.with(cte).selectDistinctOn([cte.done]).from(cte)).length, 2)
})

t.test('writes, each with an expression in front or not', async (t) => {
  const cte = db.$with('cte').as(db.select({ id: notes.id, title: tasks.title }).from(tasks).innerJoin(notes, eq(tasks.id, 1)))
  t.equal((await db.insert(notes).values({ body: 'x' }).returning()).length, 1)
  t.equal((await db.with(cte).insert(notes).values({ body: 'y' }).returning()).length, 1)
  t.match(await db.with(cte).update(notes).set({ body: sql`${cte.title}` }).from(cte).where(eq(notes.body, 'x')).returning({ body: notes.body }), [{ body: 'own task 1' }])
  t.equal((await db.update(notes).set({ body: 'z' }).where(eq(notes.body, 'y')).returning()).length, 1)
  t.equal((await db.with(cte).delete(notes).where(eq(notes.body, 'z')).returning()).length, 1)
  t.equal((await db.delete(notes).returning()).length, 2)
})

t.test('an expression is made of a query, built or in a callback, of this database', async (t) => {
  const cte = db.$with('cte').as((qb) => qb.select({ id: tasks.id }).from(tasks))
  t.equal((await db.with(cte).select().from(cte)).length, 3)
  const writing = db.$with('writing').as(db.insert(notes).values({ body: 'x' }))
  t.equal((await db.with(writing).select({ id: tasks.id }).from(tasks)).length, 3)
  for (const raw of [sql`select 1`, 'select 1', null, () => sql`select 1`]) t.throws(() => db.$with('x').as(raw as never), errors.UnsafeFragment)
  t.throws(() => db.$with('x').as({ getSQL: () => sql`select 1` } as never), errors.ForeignBuilder)
})

t.test('$count counts a table, a view, a sub-query or a builder', async (t) => {
  t.same(await Promise.all([
    db.$count(tasks), db.$count(tasks, eq(tasks.done, true)), db.$count(openTasks), db.$count(db.select().from(tasks).as('x')), db.$count(db.select({ id: tasks.id }).from(tasks) as never)
  ]), [3, 1, 2, 3, 3])
})

t.test('relational queries are made once', async (t) => {
  t.equal(db.query, db.query)
  t.equal((await db.query.tasks.findMany()).length, 3)
})

t.test('a transaction gives a database of its own', async (t) => {
  await db.transaction(async (tx) => {
    t.equal((await tx.select().from(tasks)).length, 3)
    await tx.repository(notes).insert({ body: 'x' })
    await tx.transaction(async (inner) => { await inner.delete(notes) })
  }, { isolationLevel: 'serializable' })
  t.equal(await db.$count(notes), 0)
  await t.rejects(db.transaction(async (tx) => { await tx.delete(tasks); tx.rollback() }))
  t.equal(await db.$count(tasks), 3)
  await t.rejects(db.transaction(async () => {}, { isolationLevel: 'x' } as never), errors.Unsupported)
})

t.test('raw SQL and refreshing are refused with a sentence', async (t) => {
  const handle = db as unknown as { execute (query: unknown): Promise<unknown>, refreshMaterializedView (view: unknown): unknown }
  await t.rejects(async () => await handle.execute(sql`select 1`), { code: 'FAI_UNSUPPORTED', message: /rowLevelSecurity/ })
  t.throws(() => handle.refreshMaterializedView({}), errors.Unsupported)
})

t.test('writes and repositories take a table', async (t) => {
  for (const other of [openTasks, sql`notes`, 'notes', null]) {
    for (const run of [() => db.insert(other as never), () => db.update(other as never), () => db.delete(other as never), () => a.repository(other as never)]) {
      t.throws(run, { message: 'Writes and repositories take a table, and this is none: read a view with select()' })
    }
  }
  t.throws(() => a.repository(categories as never), errors.SharedTableWrite)
})
