import { count, defineRelations, desc, EmptyFilter, eq, sql } from 'drizzle-orm'
import { alias, bigint, integer, jsonb, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import t, { type Test } from 'tap'
import { errors } from '../../lib/errors.js'
import { userScope } from '../../lib/repository/user-scope.js'
import { canary, startTaskPlace, type Canary } from '../fixtures/canary.js'
import { layers } from '../fixtures/settings.js'
import { categories, entries, invoices, memos, notes, openTasks, projects, samples, tasks, titles } from '../fixtures/task-schema.js'

const schema = { projects, tasks, notes, entries, samples, memos, categories, invoices, openTasks, titles } as never

const relations = defineRelations(schema, (r: any) => ({
  projects: {
    tasks: r.many.tasks({ from: r.projects.id, to: r.tasks.projectId }),
    finished: r.many.tasks({ from: r.projects.id, to: r.tasks.projectId, where: { done: true }, alias: 'finished' }),
    either: r.many.tasks({ from: r.projects.id, to: r.tasks.projectId, where: { RAW: (task: any) => sql`${task.done} or true` }, alias: 'either' }),
    everything: r.many.tasks({ from: r.projects.id, to: r.tasks.projectId, where: { RAW: sql`true) or (true` }, alias: 'everything' }),
    categories: r.many.categories({ from: r.projects.id.through(r.tasks.projectId), to: r.categories.id.through(r.tasks.categoryId) }),
    invoices: r.many.invoices({ from: r.projects.id.through(r.tasks.projectId), to: r.invoices.id.through(r.tasks.id) }),
    open: r.many.openTasks({ from: r.projects.userId, to: r.openTasks.userId })
  },
  tasks: {
    project: r.one.projects({ from: r.tasks.projectId, to: r.projects.id }),
    category: r.one.categories({ from: r.tasks.categoryId, to: r.categories.id }),
    invoice: r.one.invoices({ from: r.tasks.id, to: r.invoices.id })
  },
  categories: { tasks: r.many.tasks({ from: r.categories.id, to: r.tasks.categoryId }) }
}))

type Query = (scope: any, config?: unknown) => Promise<any>

async function place (t: Test, layer: typeof layers[number]) {
  const shared = await canary(t, await startTaskPlace(t, layer))
  const db = drizzle({ client: shared.client, relations } as never) as never
  const scope = shared.scopeOf('A', db) as any
  const everyone = drizzle({ client: shared.admin, relations } as never) as any
  return { ...shared, db, query: scope.db.query, scope, everyone }
}

const attemptOn = ({ attempt }: Canary, scope: any) => async (t: Test, name: string, run: (query: any) => unknown): Promise<any> => (
  await attempt(t, name, async () => await run(scope.db.query))
)

for (const layer of layers) {
  t.test(`relational queries of Drizzle 1.x: ${layer.name}`, async (t) => {
    const here = await place(t, layer)
    const { query, scope } = here
    const attempt = attemptOn(here, scope)

    t.test('legitimate queries answer what Drizzle answers on the user\'s rows', async (t) => {
      t.same((await query.tasks.findMany()).map(({ id }: any) => id).sort(), [1, 2, 3])
      t.same(await query.tasks.findFirst({ columns: { id: true }, orderBy: { id: 'desc' } }), { id: 3 })
      t.same(await query.tasks.findMany({ columns: { id: true }, where: { done: true } }), [{ id: 3 }])
      t.same(await query.tasks.findMany({ columns: { id: true }, where: { id: { in: [1, 2, 5] } }, orderBy: { id: 'asc' } }), [{ id: 1 }, { id: 2 }])
      t.same(await query.tasks.findMany({ columns: { id: true }, where: { OR: [{ id: 1 }, { title: { like: '%task 2' } }] }, orderBy: (task: any) => [task.id] }), [{ id: 1 }, { id: 2 }])
      t.same(await query.tasks.findMany({ columns: { id: true }, where: { NOT: { id: { gt: 1 } } } }), [{ id: 1 }])
      t.same(await query.tasks.findMany({ columns: { id: true }, where: { id: { OR: [1, { gte: 3 }] } }, orderBy: (task: any) => desc(task.id) }), [{ id: 3 }, { id: 1 }])
      t.same(await query.tasks.findMany({ columns: { id: true }, where: { project: { name: { like: 'own%' } } }, orderBy: { id: 'asc' }, limit: 2, offset: 1 }), [{ id: 2 }, { id: 3 }])
      t.same(await query.tasks.findMany({ where: { invoice: EmptyFilter }, columns: { id: true }, limit: 1, orderBy: { id: 'asc' } }), [{ id: 1 }])
      t.match(await query.projects.findMany({ with: { tasks: { columns: { id: true }, orderBy: { id: 'asc' } } } }), [{ name: /^own/, tasks: [{ id: 1 }, { id: 2 }, { id: 3 }] }])
      t.match(await query.projects.findFirst({ with: { finished: { columns: { id: true } } } }), { finished: [{ id: 3 }] })
      t.match(await query.projects.findFirst({ with: { categories: true } }), { categories: [{ id: 1 }] })
      t.match(await query.tasks.findFirst({ with: { project: { with: { tasks: { with: { category: true } } } } } }), { project: { tasks: [{ category: { id: 1 } }] } })
      t.same((await query.categories.findFirst({ with: { tasks: true } })).tasks.map(({ id }: any) => id).sort(), [1, 2, 3])
      t.match(await query.projects.findFirst({ extras: { upper: (project: any, { sql }: any) => sql`upper(${project.name})` } }), { upper: /^OWN/ })
      t.match(await query.projects.findFirst({ with: { tasks: { limit: 1, extras: { twice: (task: any, { sql }: any) => sql<number>`${task.id} * 2`.mapWith(Number) } } } }), { tasks: [{ twice: Number }] })
      t.match(await query.projects.findFirst({ where: { RAW: (project: any) => eq(project.name, 'own project') } }), { slug: 'own' })
      t.match(await query.projects.findFirst({ where: { RAW: sql`true` }, with: { open: true } }), { open: [{ userId: 'A' }] })
      t.same(await query.tasks.findMany({ columns: { id: true }, orderBy: { project: { name: 'asc' }, id: 'desc' } }), [{ id: 3 }, { id: 2 }, { id: 1 }])
      t.match(await query.projects.findMany({ orderBy: { tasks: 'desc(count)' } }), [{ id: Number }])
      t.match(await query.projects.findMany({ orderBy: { tasks: { id: 'asc(max)' } } }), [{ id: Number }])
      t.match(await query.projects.findMany({ where: { tasks: true } }), [{ id: Number }])
      t.same(await query.projects.findMany({ where: { tasks: false } }), [])
      t.match(await query.tasks.findMany({ with: { category: { columns: { name: true } } }, strategy: 'basic', limit: 1 }), [{ category: { name: String } }])
    })

    const tasksOfAll: Query = (query) => query.tasks
    const filters: Array<[string, unknown]> = [
      ['a condition that is always true', { RAW: sql`true or true` }],
      ['brackets that close ours', { RAW: sql`true) or (true` }],
      ['a sub-select', { RAW: sql`exists (select 1 from tasks where user_id = 'B')` }],
      ['a sub-select in a function', { RAW: () => sql`(select title from tasks limit 1) is not null` }],
      ['the table by its name', { RAW: () => sql`${tasks.userId} = 'B'` }],
      ['another owner', { userId: 'B' }],
      ['another owner, or anyone', { OR: [{ userId: 'B' }, { userId: { ne: 'A' } }, { NOT: { userId: 'A' } }] }],
      ['SQL as an operand', { id: { eq: sql`1 or true` } }],
      ['SQL as an operand that closes', { id: { in: sql`(1)) or (true` } }],
      ['a list of SQL', { id: { in: [sql`1) or (true`] } }],
      ['a function that runs SQL', { RAW: sql`query_to_xml('select * from tasks', true, true, '') is not null` }],
      ['a comment', { RAW: sql`true --` }],
      ['a union', { RAW: sql`true union select * from tasks` }],
      ['a condition that fails on rows of B', { RAW: (task: any) => sql`cast(${task.title} as integer) > 0` }],
      ['a division that fails on rows of B', { RAW: (task: any) => sql`1 / (case when ${task.userId} = 'B' then 0 else 1 end) = 1` }],
      ['a relation of others', { project: { userId: 'B' } }],
      ['a relation to an unowned table', { invoice: true }],
      ['a builder of another handle', { RAW: () => sql`exists ${here.everyone.select({ one: sql`1` }).from(tasks)}` }],
      ['a name that is glued', { RAW: () => sql`true or ${sql.identifier('tasks')}.${sql.identifier('user_id')} = 'B'` }]
    ]
    t.test('where: nothing of others comes back', async (t) => {
      for (const [name, where] of filters) {
        await attempt(t, `${name}, at the top`, (query) => tasksOfAll(query).findMany({ where }))
        await attempt(t, `${name}, in a relation`, (query) => query.projects.findMany({ with: { tasks: { where } } }))
        await attempt(t, `${name}, in a filter of a relation`, (query) => query.projects.findMany({ where: { tasks: where } }))
        await attempt(t, `${name}, in a query by one`, (query) => tasksOfAll(query).findFirst({ where: { AND: [where, { OR: [where, { id: 1 }] }] } }))
      }
    })

    t.test('with, extras, orders and limits: nothing of others comes back', async (t) => {
      const everywhere = (config: object): object[] => [config, { with: { tasks: config } }, { with: { tasks: { with: { project: config } } } }]
      const pieces = [sql`(select string_agg(title, '') from tasks)`, sql`1) from tasks --`, sql`1), (select title from tasks limit 1`, sql`${sql.raw('"tasks"."title"')}`]
      for (const piece of pieces) {
        for (const config of [{ extras: { x: piece } }, { extras: { x: () => piece } }, { extras: { x: piece.as('x') } }, { orderBy: () => piece }, { orderBy: () => [desc(piece)] }, { limit: piece }, { offset: piece }]) {
          for (const placed of everywhere(config)) await attempt(t, JSON.stringify(Object.keys(config)), (query) => query.projects.findMany(placed))
        }
      }
      for (const name of ['either', 'everything', 'invoices', 'open']) await attempt(t, `the relation ${name}`, (query) => query.projects.findMany({ with: { [name]: true } }))
      await attempt(t, 'a table that is neither owned nor shared', (query) => query.invoices.findMany())
      await attempt(t, 'a view that says nothing of an owner', (query) => query.titles.findMany())
      for (const strategy of ['basic', 'optimized']) {
        await attempt(t, `strategy ${strategy}`, (query) => query.projects.findMany({ strategy, with: { tasks: { where: { RAW: sql`true or true` }, limit: 5 } } }))
      }
      await attempt(t, 'an extra that fails on rows of B', (query) => query.projects.findMany({ with: { tasks: { extras: { x: (task: any) => sql`1 / (case when ${task.userId} = 'B' then 0 else 1 end)` } } } }))
      await attempt(t, 'an order that fails on rows of B', (query) => query.projects.findMany({ with: { tasks: { orderBy: (task: any) => sql`1 / (case when ${task.userId} = 'B' then 0 else 1 end)` } } }))
      await attempt(t, 'through, in both directions', (query) => query.categories.findMany({ with: { tasks: { with: { project: { with: { categories: { with: { tasks: true } } } } } } } }))
    })

    t.test('refused by name', async (t) => {
      const refused = async (run: () => unknown, error: new () => Error, name: string): Promise<void> => {
        await t.rejects(async () => await run(), error, name)
      }
      await refused(() => query.tasks.findMany({ comment: 'x' }), errors.Unsupported, 'comment')
      await refused(() => query.tasks.findMany({ where: undefined }), errors.InvalidArgument, 'where undefined')
      await refused(() => query.tasks.findMany({ where: { title: undefined } }), errors.InvalidArgument, 'a condition undefined')
      await refused(() => query.tasks.findMany({ with: { nobody: true } }), errors.InvalidArgument, 'an unknown relation')
      await refused(() => query.tasks.findMany({ columns: { nothing: true } }), errors.UnknownColumn, 'an unknown column')
      await refused(() => query.tasks.findMany({ orderBy: { title: 'asc; drop table tasks' } }), errors.InvalidArgument, 'an unknown direction')
      await refused(() => query.tasks.findMany({ limit: '1; drop table tasks' }), errors.InvalidArgument, 'a limit that is a text')
      await refused(() => query.tasks.findMany({ somewhere: {} }), errors.InvalidArgument, 'an unknown part')
      await refused(() => query.invoices.findMany(), errors.UnownedTable, 'an unowned table')
      await refused(() => query.tasks.findMany({ with: { invoice: true } }), errors.UnownedTable, 'a relation to one')
      await refused(() => query.projects.findMany({ with: { invoices: true } }), errors.UnownedTable, 'one behind a junction')
      await refused(() => query.projects.findMany({ with: { everything: true } }), errors.UnsafeFragment, 'a predefined filter that closes brackets')
      for (const piece of [sql`1; select 1`, sql`1) union (select 1`, sql`query_to_xml('select 1', true, true, '')`]) {
        await refused(() => query.tasks.findMany({ where: { id: { eq: piece } } }), errors.UnsafeFragment, 'an operand')
        await refused(() => query.tasks.findMany({ where: { id: { OR: [{ in: [piece] }] } } }), errors.UnsafeFragment, 'an operand in a list')
        await refused(() => query.projects.findMany({ where: { tasks: { NOT: { id: { gt: piece } } } } }), errors.UnsafeFragment, 'an operand in a relation')
      }
      await refused(() => query.tasks.findMany({ where: { RAW: () => 'true' } }), errors.InvalidArgument, 'RAW that is no SQL')
      await refused(() => query.tasks.findMany({ orderBy: () => ['title'] }), errors.InvalidArgument, 'an order that is no SQL')
    })

    t.test('as a sub-query of another statement', async (t) => {
      await attempt(t, 'in a fragment', () => scope.db.select({ x: sql`exists ${scope.db.query.tasks.findMany({ where: { userId: 'B' } })}` }).from(tasks))
      await attempt(t, 'of another user', () => scope.db.select({ x: sql`exists ${(here.scopeOf('B', here.db) as any).db.query.tasks.findMany()}` }).from(tasks))
      await attempt(t, 'of the app\'s own handle', () => scope.db.select({ x: sql`exists ${here.everyone.query.tasks.findMany()}` }).from(tasks))
      await attempt(t, 'in a transaction', async () => await scope.db.transaction(async (tx: any) => await tx.query.tasks.findMany({ with: { project: true } })))
      t.same(await scope.db.transaction(async (tx: any) => (await tx.query.tasks.findMany()).length), 3)
      const aliased = alias(tasks, 'mine')
      t.same(await scope.db.select({ n: count() }).from(aliased), [{ n: 3 }])
    })
  })
}

t.test('values inside of relations are exact', async (t) => {
  const parents = pgTable('parents', { id: integer().primaryKey(), userId: text('user_id').notNull() })
  const values = pgTable('values_of', {
    id: integer().primaryKey(),
    userId: text('user_id').notNull(),
    parent: integer().notNull(),
    big: bigint({ mode: 'bigint' }),
    exact: numeric(),
    at: timestamp({ withTimezone: true }),
    info: jsonb(),
    many: bigint({ mode: 'bigint' }).array(),
    times: timestamp({ withTimezone: true }).array()
  })
  const { admin, client } = await canary(t, await startTaskPlace(t, layers[0]!))
  await admin.unsafe(`create table parents (id integer primary key, user_id text not null);
    create table values_of (id integer primary key, user_id text not null, parent integer not null, big bigint, exact numeric, at timestamptz, info jsonb, many bigint[], times timestamptz[])`)
  const all = defineRelations({ parents, values } as never, (r: any) => ({ parents: { values: r.many.values({ from: r.parents.id, to: r.values.parent }) } }))
  const scope = userScope(drizzle({ client, relations: all } as never) as never, 'A') as any
  await scope.db.insert(parents).values({ id: 1 })
  const row = {
    id: 1,
    parent: 1,
    big: 9007199254740993n,
    exact: '12345678901234567890.123456789',
    at: new Date('2024-05-06T07:08:09.123Z'),
    info: '10.5',
    many: [9007199254740993n, 1n],
    times: [new Date('2024-05-06T07:08:09.123Z')]
  }
  t.same(await scope.db.insert(values).values(row).returning(), [{ ...row, userId: 'A' }])
  t.same(await scope.repository(values).insert({ ...row, id: 2, info: { deep: [1, 'two', null] } }), { ...row, id: 2, userId: 'A', info: { deep: [1, 'two', null] } })
  t.same(await scope.db.query.parents.findFirst({ with: { values: { where: { id: 1 } } } }), { id: 1, userId: 'A', values: [{ ...row, userId: 'A' }] })
  t.same((await scope.db.query.values.findMany({ where: { id: { eq: 2 } } }))[0].info, { deep: [1, 'two', null] })
  t.same(await scope.repository(values).updateById(2, { info: null, exact: '0.1' }), { ...row, id: 2, userId: 'A', info: null, exact: '0.1' })
  const exact = pgTable('exact_of', { id: integer().primaryKey(), userId: text('user_id').notNull(), list: numeric().array() })
  await admin.unsafe('create table exact_of (id integer primary key, user_id text not null, list numeric[])')
  await scope.db.insert(exact).values({ id: 1, list: ['0.1', '12345678901234567890.5'] })
  const lists = () => scope.db.select({ list: exact.list }).from(exact)
  t.same(await lists(), [{ list: ['0.1', '12345678901234567890.5'] }])
  t.same(await lists().union(lists()), [{ list: ['0.1', '12345678901234567890.5'] }], 'cast around both sides')
  const inner = lists().as('inner')
  t.same(await scope.db.select().from(inner), [{ list: ['0.1', '12345678901234567890.5'] }], 'and outside of a sub-query')
  for (const info of [undefined, 1n, () => 1]) {
    if (info !== undefined) await t.rejects(async () => await scope.db.insert(values).values({ id: 9, parent: 1, info }), errors.InvalidArgument)
  }
})
