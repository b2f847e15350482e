import { and, asc, avg, countDistinct, desc, eq, exists, getTableColumns, gt, inArray, max, ne, notExists, or, sql } from 'drizzle-orm'
import { alias, except, intersect, union, unionAll } from 'drizzle-orm/pg-core'
import type { Test } from 'tap'
import { errors } from '../../../lib/errors.js'
import { type Canary, canaryMark, canaryNote } from '../../fixtures/canary.js'
import { categories, entries, invoices, notes, openTasks, projects, samples, tasks } from '../../fixtures/task-schema.js'
import { whereOf } from '../../fixtures/relational.js'

/** Everything that reads. */
export function reads (t: Test, canary: Canary): void {
  const { a, attempt } = canary
  const { db } = a

  const titlesOfA = ['own task 1', 'own task 2', 'own task 3']
  const isB = eq(tasks.userId, 'B')

  t.test('select: no condition reaches another user', async (t) => {
    for (const where of [isB, or(isB, sql`true`), sql`true`, sql`1 = 1 or user_id = 'B'`, inArray(tasks.id, [4, 5, 6]), ne(tasks.userId, 'A'), gt(tasks.id, 0), undefined]) {
      const rows = await attempt(t, 'where', ({ db }) => db.select().from(tasks).where(where)) as Array<{ userId: string }>
      t.ok(rows.every(({ userId }) => userId === 'A'))
    }
    await attempt(t, 'the last of two conditions', ({ db }) => db.select().from(tasks).$dynamic().where(eq(tasks.userId, 'A')).where(isB))
    await attempt(t, 'null as a condition', ({ db }) => db.select().from(tasks).where(null as never))
    t.equal((await db.select().from(tasks)).length, 3)
    t.same(await db.select({ title: tasks.title }).from(tasks).where(eq(tasks.done, true)), [{ title: 'own task 3' }])
  })

  t.test('joins: of every kind, on both sides', async (t) => {
    await attempt(t, 'left', ({ db }) => db.select().from(tasks).leftJoin(notes, sql`true`))
    await attempt(t, 'right', ({ db }) => db.select().from(tasks).rightJoin(notes, sql`true`))
    await attempt(t, 'inner', ({ db }) => db.select().from(tasks).innerJoin(notes, ne(tasks.userId, notes.userId)))
    await attempt(t, 'full', ({ db }) => db.select().from(tasks).fullJoin(notes, eq(notes.body, 'none')))
    await attempt(t, 'cross', ({ db }) => db.select().from(tasks).crossJoin(notes))
    await attempt(t, 'on a condition of B', ({ db }) => db.select().from(projects).leftJoin(tasks, or(isB, eq(tasks.projectId, projects.id))))
    t.equal((await db.select().from(projects).leftJoin(tasks, eq(tasks.projectId, projects.id))).length, 3)
    t.equal((await db.select().from(notes).fullJoin(tasks, sql`false`)).length, 4)
    t.equal((await db.select().from(tasks).innerJoin(categories, eq(tasks.categoryId, categories.id))).length, 3)
  })

  t.test('joins: a left join keeps the row whose other side is not the user\'s', async (t) => {
    const rows = await db.select().from(categories).leftJoin(tasks, eq(tasks.categoryId, categories.id)).orderBy(categories.id, tasks.id)
    t.same(rows.map((row) => [row.categories.name, row.tasks?.title]), [['home', 'own task 1'], ['home', 'own task 2'], ['home', 'own task 3'], ['work', undefined]])
  })

  t.test('lateral joins', async (t) => {
    const latest = (scope: typeof a) => scope.db.select({ title: tasks.title }).from(tasks).where(or(eq(tasks.projectId, projects.id), sql`true`)).orderBy(desc(tasks.id)).limit(9).as('latest')
    await attempt(t, 'left', (scope) => scope.db.select().from(projects).leftJoinLateral(latest(scope), sql`true`))
    await attempt(t, 'inner', (scope) => scope.db.select().from(projects).innerJoinLateral(latest(scope), sql`true`))
    await attempt(t, 'cross', (scope) => scope.db.select().from(projects).crossJoinLateral(latest(scope)))
    const newest = db.select({ title: tasks.title }).from(tasks).where(eq(tasks.projectId, projects.id)).orderBy(desc(tasks.id)).limit(1).as('newest')
    t.same(await db.select({ name: projects.name, title: newest.title }).from(projects).crossJoinLateral(newest), [{ name: 'own project', title: 'own task 3' }])
  })

  t.test('aliases and self joins', async (t) => {
    const other = alias(tasks, 'other')
    const asProjects = alias(tasks, 'projects')
    await attempt(t, 'from an alias', ({ db }) => db.select().from(other))
    await attempt(t, 'self join', ({ db }) => db.select().from(tasks).innerJoin(other, ne(other.id, tasks.id)))
    await attempt(t, 'alias with the name of another table', ({ db }) => db.select().from(asProjects))
    await attempt(t, 'alias of an alias', ({ db }) => db.select().from(alias(other, 'third')))
    await attempt(t, 'alias that tries to break out', ({ db }) => db.select().from(alias(tasks, 'x" cross join tasks "y')))
    const pairs = await db.select({ left: tasks.id, right: other.id }).from(tasks).innerJoin(other, eq(other.id, sql`${tasks.id} + 1`)).orderBy(tasks.id)
    t.same(pairs, [{ left: 1, right: 2 }, { left: 2, right: 3 }])
  })

  t.test('sub-queries: in from, in a join, in a field, in a condition', async (t) => {
    const all = (scope: typeof a) => scope.db.select({ id: tasks.id, title: tasks.title, userId: tasks.userId }).from(tasks).where(sql`true`)
    await attempt(t, 'from', (scope) => scope.db.select().from(all(scope).as('x')))
    await attempt(t, 'join', (scope) => scope.db.select().from(notes).leftJoin(all(scope).as('x'), sql`true`))
    await attempt(t, 'field', (scope) => scope.db.select({ last: sql`${scope.db.select({ title: max(tasks.title) }).from(tasks)}` }).from(notes))
    await attempt(t, 'field as a sub-query', (scope) => scope.db.select({ last: scope.db.select({ title: max(tasks.title).as('title') }).from(tasks).as('last') }).from(notes))
    await attempt(t, 'inArray', (scope) => scope.db.select().from(tasks).where(inArray(tasks.id, scope.db.select({ id: tasks.id }).from(tasks))))
    await attempt(t, 'named like a table', (scope) => scope.db.select().from(all(scope).as('tasks')))
    const newest = db.select({ id: max(tasks.id).as('newest_id') }).from(tasks).as('newest')
    t.same(await db.select({ title: tasks.title }).from(tasks).innerJoin(newest, eq(newest.id, tasks.id)), [{ title: 'own task 3' }])
    t.same(await db.select({ newest: db.select({ at: max(tasks.createdAt).as('at') }).from(tasks).as('at') }).from(notes), [{ newest: new Date('2024-01-03') }])
  })

  t.test('exists looks at the user\'s rows', async (t) => {
    const seen = await attempt(t, 'exists', ({ db }) => db.select().from(notes).where(exists(db.select().from(tasks).where(isB))))
    t.same(seen, [])
    t.equal((await db.select().from(notes).where(notExists(db.select().from(tasks).where(isB)))).length, 1)
    t.equal((await db.select().from(notes).where(exists(db.select({ one: sql`1` }).from(tasks).where(eq(tasks.userId, notes.userId))))).length, 1)
  })

  t.test('common table expressions', async (t) => {
    const everything = (scope: typeof a) => scope.db.$with('everything').as(scope.db.select().from(tasks).where(sql`true`))
    await attempt(t, 'from', (scope) => { const cte = everything(scope); return scope.db.with(cte).select().from(cte) })
    await attempt(t, 'made by a callback', ({ db }) => { const cte = db.$with('x').as((qb) => qb.select().from(tasks)); return db.with(cte).select().from(cte) })
    await attempt(t, 'with a selection', ({ db }) => { const cte = db.$with('x', { title: sql<string>`title`.as('title') }).as(db.select({ title: tasks.title }).from(tasks) as never); return db.with(cte).select().from(cte) })
    t.ok(await attempt(t, 'of raw SQL', ({ db }) => { const cte = db.$with('x', { title: sql<string>`title`.as('title') }).as(sql`select title from tasks`); return db.with(cte).select().from(cte) }) instanceof errors.UnsafeFragment)
    const names: Array<[string, Promise<unknown>]> = [
      ['not declared', attempt(t, 'undeclared', ({ db }) => { const fake = db.$with('tasks').as(db.select({ title: notes.body }).from(notes)); return db.select().from(fake) })],
      ['declared after it is read', attempt(t, 'too late', ({ db }) => {
        const late = db.$with('tasks').as(db.select({ id: notes.id }).from(notes))
        const early = db.$with('early').as(db.select().from(late))
        return db.with(early, late).select().from(early)
      })],
      ['declared in a sub-query and read outside', attempt(t, 'inner', ({ db }) => {
        const inner = db.$with('tasks').as(db.select({ id: notes.id }).from(notes))
        const sub = db.with(inner).select().from(inner).as('sub')
        return db.select({ id: sub.id, other: inner.id }).from(sub).innerJoin(inner, sql`true`)
      })],
      ['another one of the same name', attempt(t, 'namesake', ({ db }) => {
        const one = db.$with('x').as(db.select({ id: notes.id }).from(notes))
        const two = db.$with('x').as(db.select({ id: notes.id }).from(notes))
        return db.with(one).select().from(two)
      })],
      ['by name in a fragment', attempt(t, 'fragment', ({ db }) => {
        const fake = db.$with('tasks').as(db.select({ title: notes.body }).from(notes))
        return db.select({ x: sql`${fake}` }).from(notes)
      })]
    ]
    for (const [name, answer] of names) t.ok(await answer instanceof errors.ForeignBuilder, name)
    const taken = await attempt(t, 'named like a table that is read too', ({ db }) => {
      const fake = db.$with('tasks').as(db.select({ id: notes.id }).from(notes))
      return db.with(fake).select().from(fake).innerJoin(alias(tasks, 't'), sql`true`)
    })
    t.ok(taken instanceof errors.Unsupported)
    const first = db.$with('first').as(db.select({ id: tasks.id, title: tasks.title }).from(tasks).where(eq(tasks.done, false)))
    const second = db.$with('second').as(db.select({ title: first.title }).from(first).where(gt(first.id, 1)))
    t.same(await db.with(first, second).select().from(second), [{ title: 'own task 2' }])
    t.same(await db.with(first).selectDistinct({ title: first.title }).from(first).where(inArray(first.id, db.select({ id: first.id }).from(first))).orderBy(first.title), titlesOfA.slice(0, 2).map((title) => ({ title })))
    t.equal((await db.with(first).selectDistinctOn([first.title]).from(first)).length, 2)
  })

  t.test('set operations, as methods and as functions', async (t) => {
    const all = (scope: typeof a) => scope.db.select({ id: tasks.id, title: tasks.title }).from(tasks)
    for (const [name, operate] of Object.entries({ union, unionAll, intersect, except })) {
      await attempt(t, name, (scope) => (operate as typeof union)(all(scope), all(scope)))
      await attempt(t, `${name}, chained`, (scope) => (operate as typeof union)(all(scope), all(scope), all(scope)).orderBy(asc(tasks.title)).limit(50))
    }
    for (const method of ['union', 'unionAll', 'intersect', 'intersectAll', 'except', 'exceptAll'] as const) {
      await attempt(t, `.${method}`, (scope) => all(scope)[method](all(scope)))
      await attempt(t, `.${method} by callback`, (scope) => all(scope)[method]((operators) => operators.union(all(scope), all(scope))))
    }
    t.same(await union(all(a).where(eq(tasks.id, 2)), all(a).where(eq(tasks.id, 1))).orderBy(tasks.id), [{ id: 1, title: titlesOfA[0] }, { id: 2, title: titlesOfA[1] }])
    const order = desc(tasks.id)
    for (let times = 0; times < 2; times++) t.same((await all(a).union(all(a)).orderBy(order).limit(2).offset(1)).map(({ id }) => id), [2, 1], 'the caller\'s order is left as it was')
    t.same(await all(a).except(all(a).where(ne(tasks.id, 3))), [{ id: 3, title: titlesOfA[2] }])
  })

  t.test('distinct, group by, having, aggregates and windows count the user\'s rows', async (t) => {
    t.same(await attempt(t, 'aggregate', ({ db }) => db.select({ n: sql`count(*)::int`, users: countDistinct(tasks.userId), mean: avg(tasks.id) }).from(tasks)), [{ n: 3, users: 1, mean: '2.0000000000000000' }])
    await attempt(t, 'string_agg', ({ db }) => db.select({ all: sql`string_agg(title, ',')` }).from(tasks).groupBy(tasks.userId).having(sql`count(*) > 0 or true`))
    await attempt(t, 'distinct', ({ db }) => db.selectDistinct({ title: tasks.title }).from(tasks))
    await attempt(t, 'distinct on', ({ db }) => db.selectDistinctOn([tasks.userId], { title: tasks.title }).from(tasks).orderBy(tasks.userId, tasks.title))
    await attempt(t, 'window', ({ db }) => db.select({ before: sql`lag(title) over (order by id)`, last: sql`last_value(title) over ()` }).from(tasks))
    await attempt(t, 'grouping sets', ({ db }) => db.select({ n: sql`array_agg(title)` }).from(tasks).groupBy(sql`grouping sets ((user_id), ())`))
    t.same(await db.select({ done: tasks.done, n: sql<number>`count(*)::int` }).from(tasks).groupBy(tasks.done).orderBy(tasks.done).having(({ n }) => gt(n, 0)), [{ done: false, n: 2 }, { done: true, n: 1 }])
  })

  t.test('$count, alone and in a select', async (t) => {
    t.equal(await attempt(t, 'alone', ({ db }) => db.$count(tasks)), 3)
    t.equal(await attempt(t, 'with a filter', ({ db }) => db.$count(tasks, or(isB, sql`true`))), 3)
    t.equal(await attempt(t, 'of B', ({ db }) => db.$count(tasks, isB)), 0)
    t.equal(await attempt(t, 'of a sub-query', ({ db }) => db.$count(db.select({ id: tasks.id }).from(tasks).where(gt(tasks.id, 1)).as('x'))), 2)
    t.equal(await attempt(t, 'of a builder', ({ db }) => db.$count(db.select({ id: tasks.id }).from(tasks) as never)), 3)
    t.equal(await attempt(t, 'of a view', ({ db }) => db.$count(openTasks)), 2)
    t.same(await attempt(t, 'in a select', ({ db }) => db.select({ n: db.$count(tasks, eq(tasks.projectId, projects.id)) }).from(projects)), [{ n: 3 }])
    for (const source of [sql`tasks`, sql.raw('(select * from tasks) x'), 'tasks', invoices]) t.ok(await attempt(t, 'of something else', ({ db }) => db.$count(source as never)) instanceof Error)
    t.equal(await db.$count(tasks).catch(() => -1), 3)
    t.equal(await db.$count(tasks).finally(() => {}), 3)
  })

  t.test('prepared and dynamic builders', async (t) => {
    const prepared = db.select().from(tasks).where(or(eq(tasks.userId, sql.placeholder('user')), eq(tasks.id, sql.placeholder('id')))).limit(sql.placeholder('limit')).prepare('p')
    for (const values of [{ user: 'B', id: 4, limit: 10 }, { user: 'B', id: 5, limit: 10 }]) t.same(await attempt(t, 'placeholder', () => prepared.execute(values)), [])
    t.equal((await prepared.execute({ user: 'x', id: 2, limit: 1 }))[0]?.title, 'own task 2')
    await attempt(t, 'relational', ({ db }) => db.query.tasks.findMany({ where: whereOf(eq(tasks.userId, sql.placeholder('user'))) }).prepare('q').execute({ user: 'B' }))
    const build = (scope: typeof a) => scope.db.select().from(tasks).$dynamic()
    await attempt(t, 'dynamic', (scope) => build(scope).leftJoin(notes, sql`true`).where(sql`true`).limit(5))
    for (let times = 0; times < 4; times++) t.equal((await attempt(t, 'the same text again', ({ db }) => db.select().from(tasks).where(gt(tasks.id, 1))) as unknown[]).length, 2)
  })

  t.test('values of every type bind as values', async (t) => {
    for (const value of ["B' or true --", '{"a":1}', '\\', '"', '$1', 'ⓐ', "'; drop table notes --"]) {
      t.same(await attempt(t, value, ({ db }) => db.select().from(tasks).where(eq(tasks.title, value))), [])
      await attempt(t, `${value} as order`, ({ db }) => db.select().from(tasks).orderBy(value as never))
      await attempt(t, `${value} as limit`, ({ db }) => db.select().from(tasks).limit(value as never))
      await attempt(t, `${value} as offset`, ({ db }) => db.select().from(tasks).offset(value as never))
      await attempt(t, `${value} as an identifier`, ({ db }) => db.select().from(tasks).orderBy(sql`${sql.identifier(value)}`))
      await attempt(t, `${value} as a name`, ({ db }) => db.select({ x: sql`1`.as(value) }).from(tasks))
      await attempt(t, `${value} as a sub-query's name`, ({ db }) => db.select().from(db.select({ id: tasks.id }).from(tasks).as(value)))
      await attempt(t, `${value} as an expression's name`, ({ db }) => { const cte = db.$with(value).as(db.select({ id: tasks.id }).from(tasks)); return db.with(cte).select().from(cte) })
    }
    t.equal((await db.select().from(samples).where(eq(samples.label, 'own'))).length, 1)
  })

  t.test('the repository reads the user\'s rows', async (t) => {
    t.equal(await attempt(t, 'findById', ({ repository }) => repository(notes).findById(canaryNote)), undefined)
    t.ok(await attempt(t, 'getById', ({ repository }) => repository(notes).getById(canaryNote)) instanceof errors.NotFound)
    await attempt(t, 'findMany', ({ repository }) => repository(tasks).findMany({ where: or(isB, sql`true`), orderBy: [desc(tasks.id)], limit: 100 }))
    await attempt(t, 'findMany without a condition', ({ repository }) => repository(tasks).findMany({ orderBy: tasks.title, columns: { title: true } }))
    t.equal(await attempt(t, 'findFirst', ({ repository }) => repository(tasks).findFirst({ where: isB })), undefined)
    t.equal(await attempt(t, 'count', ({ repository }) => repository(tasks).count()), 3)
    t.equal(await attempt(t, 'count where', ({ repository }) => repository(tasks).count(isB)), 0)
    t.equal(await attempt(t, 'exists', ({ repository }) => repository(tasks).exists(isB)), false)
    await attempt(t, 'composite key', ({ repository }) => repository(entries).findById({ userId: 'B', day: '2024-01-01', slot: 1 } as never))
    await attempt(t, 'paginate', ({ repository }) => repository(tasks).paginate({ where: sql`true`, limit: 1000 }))
    t.equal((await a.repository(tasks).getById(2)).title, 'own task 2')
    t.notOk(JSON.stringify(await a.repository(entries).findMany({ where: and(eq(entries.slot, 1)) })).includes(canaryMark))
    t.same(Object.keys((await a.repository(tasks).findMany())[0]!), Object.keys(getTableColumns(tasks)))
  })
}
