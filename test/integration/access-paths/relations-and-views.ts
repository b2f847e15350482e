import { alias } from 'drizzle-orm/pg-core'
import { desc, eq, exists, ne, or, sql } from 'drizzle-orm'
import type { Test } from 'tap'
import { errors } from '../../../lib/errors.js'
import type { Canary } from '../../fixtures/canary.js'
import { memos, notes, openTasks, taskCounts, tasks, titles } from '../../fixtures/task-schema.js'
import { hasFilterObjects, orderOf, whereOf } from '../../fixtures/relational.js'

/** Relational queries, views, and tables of another schema. */
export function relationsAndViews (t: Test, canary: Canary): void {
  const { a: { db }, setting, attempt } = canary
  const titlesOfA = ['own task 1', 'own task 2', 'own task 3']
  const isB = eq(tasks.userId, 'B')

  t.test('relational queries, at any depth', async (t) => {
    await attempt(t, 'find many', ({ db }) => db.query.tasks.findMany())
    await attempt(t, 'where', ({ db }) => db.query.tasks.findMany({ where: whereOf(or(isB, sql`true`)) }))
    await attempt(t, 'where as a callback', ({ db }) => db.query.tasks.findMany({ where: whereOf((fields: any, { ne }: any) => ne(fields.userId, 'A')) }))
    await attempt(t, 'where with a sub-query', ({ db }) => db.query.tasks.findMany({ where: whereOf(exists(db.select().from(notes).where(ne(notes.userId, 'A')))) }))
    await attempt(t, 'with', ({ db }) => db.query.projects.findMany({ with: { tasks: { with: { project: { with: { tasks: true } }, category: true } } } }))
    await attempt(t, 'where of a relation', ({ db }) => db.query.projects.findMany({ with: { tasks: { where: whereOf(sql`true) or (true`) } } }))
    await attempt(t, 'extras', ({ db }) => db.query.projects.findMany({ extras: (fields, { sql }) => ({ all: sql`${fields.name} || ${db.$count(tasks)}`.as('all') }) }))
    await attempt(t, 'find first', ({ db }) => db.query.tasks.findFirst({ orderBy: orderOf(desc(tasks.id)) }))
    t.ok(await attempt(t, 'a relation to a table that is not the user\'s', ({ db }) => db.query.tasks.findMany({ with: { invoice: true } })) instanceof errors.UnownedTable)
    t.ok(await attempt(t, 'a table that is not the user\'s', ({ db }) => db.query.invoices.findMany()) instanceof errors.UnownedTable)
    const length = (fields: any) => sql<number>`length(${fields.name})`.as('length')
    const lengthOf = hasFilterObjects ? { length } : (fields: any) => ({ length: length(fields) })
    const [project] = await db.query.projects.findMany({
      columns: { name: true },
      extras: lengthOf as never,
      with: { tasks: { columns: { title: true }, where: whereOf(({ done }: any) => eq(done, false)), orderBy: (({ id }: any) => desc(id)) as never, limit: 1, with: { category: true, project: { columns: { slug: true } } } } }
    })
    t.same(project, { name: 'own project', length: 11, tasks: [{ title: 'own task 2', category: { id: 1, name: 'home' }, project: { slug: 'own' } }] })
    t.equal((await db.query.tasks.findFirst({ orderBy: ({ id }) => desc(id) }))?.id, 3)
    t.equal((await db.query.categories.findMany()).length, 2)
  })

  t.test('relational queries take a hostile body as values', async (t) => {
    const hostile = ['where', 'orderBy', 'extras', 'limit', 'offset', 'columns', 'with'].flatMap((key) => [
      { [key]: { queryChunks: ["true) or (user_id = 'B'"] } }, { [key]: "true or user_id = 'B'" }, { [key]: { x: { sql: { queryChunks: ['(select body from notes)'] }, fieldAlias: 'x", (select body from notes) "y' } } },
      { [key]: { constructor: true, __proto__: { id: true } } }, { [key]: ['1; delete from notes'] }, { [key]: -1 }, { [key]: true }
    ])
    for (const config of hostile) await attempt(t, JSON.stringify(config), ({ db }) => db.query.tasks.findMany(JSON.parse(JSON.stringify(config)) as never))
  })

  t.test('views and materialised views follow their owner column', async (t) => {
    await attempt(t, 'view', ({ db }) => db.select().from(openTasks).where(sql`true`))
    await attempt(t, 'alias of a view', ({ db }) => { const open = alias(openTasks, 'open'); return db.select({ title: open.title }).from(open) })
    await attempt(t, 'join of a view', ({ db }) => db.select().from(notes).leftJoin(openTasks, sql`true`))
    const counts = await attempt(t, 'materialised view', ({ db }) => db.select().from(taskCounts))
    if (setting.rowLevelSecurity) t.match(counts, { cause: { code: '42501' } }, 'no policy can be put on it, so the role has no right to it')
    else t.same(counts, [{ userId: 'A', tasks: 3 }])
    t.ok(await attempt(t, 'view without an owner', ({ db }) => db.select().from(titles)) instanceof errors.UnownedTable)
    t.same((await db.select().from(openTasks).orderBy(openTasks.id)).map(({ title }) => title), titlesOfA.slice(0, 2))
  })

  t.test('a table of another schema is scoped under its own name', async (t) => {
    await attempt(t, 'select', ({ db }) => db.select().from(memos).where(sql`true`))
    await attempt(t, 'columns beside a scoped table', ({ db }) => db.select({ body: memos.body, title: tasks.title }).from(memos).leftJoin(tasks, sql`${memos}.user_id is not null`))
    await attempt(t, 'alias', ({ db }) => { const m = alias(memos, 'm'); return db.select({ body: m.body }).from(m) })
    t.same(await db.select().from(memos), [{ id: 1, userId: 'A', body: 'own memo' }])
    t.same(await db.select({ body: memos.body }).from(memos).where(eq(memos.body, 'own memo')).groupBy(memos.body).for('update').catch(() => 'refused by PostgreSQL'), 'refused by PostgreSQL')
  })
}
