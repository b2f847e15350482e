import { asc, desc, eq, sql } from 'drizzle-orm'
import { alias, pgTable, integer, text } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { mockDialect, mockScope } from '../fixtures/mock-scope.js'
import { categories, memos, notes, openTasks, projects, tasks } from '../fixtures/task-schema.js'

const { db } = mockScope()
const id = { id: notes.id }
const scoped = '(select * from "notes" where "notes"."user_id" = $1) "notes"'
// Fences are render.ts's affair.
const text_ = (query: { toSQL (): { sql: string } }): string => query.toSQL().sql.replaceAll(' offset 0)', ')')

t.test('a table is the user\'s rows of it, under the name the query gives it', async (t) => {
  t.same(db.select(id).from(notes).toSQL(), { sql: `select "notes"."id" from ${scoped}`, params: ['A'], writes: false, isRepeatable: true })
  const n = alias(notes, 'n')
  t.equal(text_(db.select({ id: n.id }).from(n)), 'select "n"."id" from (select * from "notes" where "notes"."user_id" = $1) "n"')
  t.equal(text_(db.select({ id: memos.id }).from(memos)), 'select "memos"."id" from (select * from "app"."memos" where "memos"."user_id" = $1) "memos"')
  t.equal(text_(db.select({ id: openTasks.id }).from(openTasks)), 'select "open_tasks"."id" from (select * from "open_tasks" where "open_tasks"."user_id" = $1) "open_tasks"')
  t.equal(text_(db.select({ id: categories.id }).from(categories)), 'select "categories"."id" from "categories"')
  const c = alias(categories, 'c')
  t.equal(text_(db.select({ id: c.id }).from(c)), 'select "c"."id" from "categories" "c"')
})

t.test('raw SQL is no source, and neither is an unscoped sub-query', async (t) => {
  for (const source of [sql`notes`, 'notes', {}]) t.throws(() => mockDialect().buildFromTable(source), errors.UnsafeFragment)
  t.throws(() => db.select().from(sql`notes`).toSQL(), errors.UnsafeFragment)
})

t.test('joins scope their table and bracket their condition', async (t) => {
  const joined = db.select(id).from(notes)
  t.match(text_(joined.leftJoin(tasks, sql`"a" or "b"`)), / left join \(select \* from "tasks" where "tasks"\."user_id" = \$2\) "tasks" on \("a" or "b"\)$/)
  t.match(text_(db.select(id).from(notes).crossJoin(categories)), / cross join "categories"$/)
  t.match(text_(db.select(id).from(notes).rightJoin(categories, sql`true`)), / right join "categories" on \(true\)$/)
  t.match(text_(db.select(id).from(notes).innerJoin(categories, sql`true`)), / inner join "categories" on \(true\)$/)
  t.match(text_(db.select(id).from(notes).fullJoin(categories, sql`true`)), / full join "categories" on \(true\)$/)
  t.match(text_(db.select(id).from(notes).innerJoinLateral(db.select({ x: tasks.id }).from(tasks).as('x'), sql`true`)), / inner join lateral \(select .*\) "x" on \(true\)$/)
  t.equal(mockDialect().buildJoins(undefined), undefined)
  t.equal(mockDialect().buildJoins([]), undefined)
  t.throws(() => mockDialect().buildJoins([{ joinType: 'left; drop table x --' as never, table: notes, on: undefined, alias: 'x' }]), { code: 'FAI_UNSUPPORTED', message: /is no join$/ })
})

t.test('common table expressions are declared in order', async (t) => {
  const one = db.$with('one').as(db.select(id).from(notes))
  const two = db.$with('two').as(db.select().from(one))
  t.equal(text_(db.with(one, two).select().from(two)), `with "one" as (select "notes"."id" from ${scoped}), "two" as (select "one"."id" from "one") select "two"."id" from "two"`)
  t.equal(mockDialect().buildWithCTE(undefined), undefined)
  t.equal(mockDialect().buildWithCTE([]), undefined)
})

t.test('fields: columns by their table, expressions in brackets, names outside', async (t) => {
  t.equal(text_(db.select({ a: notes.id, b: sql`1 + 1`, c: sql`2`.as('c"') }).from(notes)), `select "notes"."id", (1 + 1), (2) as "c""" from ${scoped}`)
  const named = db.select({ n: sql<number>`1`.as('n') }).from(notes).as('named')
  t.match(text_(db.select({ n: named.n }).from(named)), /^select "n" from \(select \(1\) as "n"/)
})

t.test('a sub-query as a field reads its value as its one field does', async (t) => {
  const decoded = (fields: Record<string, unknown>) => (fields.x as { _: { sql: { decoder: { mapFromDriverValue (value: unknown): unknown } } } })._.sql.decoder
  const of = (field: unknown) => {
    const fields = { x: db.select({ field: field as never }).from(tasks).as('x') }
    db.select(fields).from(notes).toSQL()
    return decoded(fields)
  }
  t.same(of(tasks.createdAt).mapFromDriverValue('2024-01-01 00:00:00+00'), new Date('2024-01-01'))
  t.equal(of(sql`1`.mapWith((value) => `mapped ${value}`).as('f')).mapFromDriverValue(1), 'mapped 1')
  const two = { x: db.select({ a: tasks.id, b: tasks.title }).from(tasks).as('x') }
  db.select(two).from(notes).toSQL()
  t.equal(decoded(two).mapFromDriverValue('as it is'), 'as it is')
})

t.test('clauses stand in brackets, list items do not', async (t) => {
  const query = db.selectDistinctOn([notes.id, sql`lower(body)`], id).from(notes).where(sql`"a" or "b"`).groupBy(notes.id, sql`c`).having(sql`"d" or "e"`).orderBy(asc(notes.id), sql`f desc`).limit(3).offset(sql`"n"` as never)
  t.equal(text_(query), `select distinct on ("notes"."id", lower(body)) "notes"."id" from ${scoped} where ("a" or "b") group by "notes"."id", c, "notes"."user_id", "notes"."body" having ("d" or "e") order by "notes"."id" asc, f desc limit $2 offset ("n")`)
  t.equal(text_(db.selectDistinct(id).from(notes)), `select distinct "notes"."id" from ${scoped}`)
  t.match(db.select(id).from(notes).limit(sql.placeholder('n')).toSQL().params[1], { value: sql.placeholder('n') })
})

t.test('a lock is one of four, on tables of the query, and goes to the primary', async (t) => {
  t.match(db.select(id).from(notes).for('no key update', { of: [notes], noWait: true }).toSQL(), { sql: / for no key update of "notes" nowait$/, writes: true })
  t.match(text_(db.select(id).from(notes).for('share', { of: notes, skipLocked: true })), / for share of "notes" skip locked$/)
  t.match(text_(db.select(id).from(notes).for('key share')), / for key share$/)
  t.match(text_(db.select(id).from(notes).for('update')), / for update$/)
  t.throws(() => db.select(id).from(notes).for('update of x' as never).toSQL(), { message: '"update of x" is no lock strength: use update, no key update, share, key share' })
  t.throws(() => db.select(id).from(notes).for('update', { of: sql`x` as never }).toSQL(), { message: '"of" of a lock takes tables of the query' })
})

t.test('set operations: each side a statement of its own, output names in the order', async (t) => {
  const select = () => db.select(id).from(notes)
  const right = '(select "notes"."id" from (select * from "notes" where "notes"."user_id" = $2) "notes")'
  t.equal(text_(select().union(select()).orderBy(notes.id, desc(notes.id)).limit(2).offset(1)), `(select "notes"."id" from ${scoped}) union ${right} order by "id", "id" desc  limit $3 offset $4`)
  t.match(text_(select().exceptAll(select()).intersect(select())), / except all .* intersect /)
  t.match(select().union(select().for('update')).toSQL(), { writes: true })
  const tampered = select().union(select()) as unknown as { config: { setOperators: Array<{ type: string }> }, toSQL (): unknown }
  tampered.config.setOperators[0]!.type = 'union select'
  t.throws(() => tampered.toSQL(), { message: '"union select" is no set operator' })
})

t.test('names in the order of a set operation follow the casing', async (t) => {
  const rows = pgTable('rows', { rowId: integer(), userId: text() })
  const dialect = mockDialect('A', 'snake_case')
  const fieldsFlat = [{ path: ['rowId'], field: rows.rowId }]
  const select = () => dialect.buildSelectQuery({ fields: {}, fieldsFlat, table: rows, setOperators: [] })
  const statement = dialect.buildSelectQuery({ fields: {}, fieldsFlat, table: rows, setOperators: [{ type: 'union', isAll: true, rightSelect: { getSQL: select } as never, orderBy: [rows.rowId] }] })
  t.match(dialect.sqlToQuery(statement), { sql: /^\(select "rows"\."row_id" .*\) union all \(.*\) order by "row_id" $/ })
})

t.test('updates and deletes hold the owner beside a bracketed condition', async (t) => {
  t.same(db.update(notes).set({ body: 'x' }).where(sql`"a" or "b"`).returning(id).toSQL(), { sql: 'update "notes" set "body" = $1 where ("notes"."user_id" = $2) and ("a" or "b") returning "notes"."id"', params: ['x', 'A'], writes: true, isRepeatable: false })
  t.same(db.delete(memos).toSQL(), { sql: 'delete from "app"."memos" where ("memos"."user_id" = $1)', params: ['A'], writes: true, isRepeatable: false })
  t.match(text_(db.update(notes).set({ body: 'x' }).from(tasks).leftJoin(projects, sql`true`).where(eq(tasks.id, 1))), /^update "notes" set "body" = \$1 from \(select .*\) "tasks" left join \(select .*\) "projects" on \(true\) where \("notes"\."user_id" = \$\d\) and \("tasks"\."id" = \$\d\)$/)
})

t.test('aliases and shared tables are not written to, materialised views not refreshed', async (t) => {
  t.throws(() => db.update(alias(notes, 'n')).set({ body: '' }).toSQL(), { message: 'An alias of "notes" cannot be written to: write to the table itself' })
  t.throws(() => db.delete(categories as never).toSQL(), { code: 'FAI_SHARED_TABLE_WRITE', message: '"categories" is a shared table, which requests may read and not write' })
  t.throws(() => mockDialect().buildRefreshMaterializedViewQuery(), errors.Unsupported)
})

t.test('an insert is the user\'s, and no insert into a shared table', async (t) => {
  t.same(db.insert(notes).values({ body: 'x' }).toSQL(), { sql: 'insert into "notes" ("id", "user_id", "body") values (default, $1, $2)', params: ['A', 'x'], writes: true, isRepeatable: false })
  t.throws(() => db.insert(categories as never).values({ id: 1 } as never).toSQL(), errors.SharedTableWrite)
})

t.test('only a built statement becomes a query', async (t) => {
  t.throws(() => mockDialect().sqlToQuery(sql`select * from notes`), errors.ForeignBuilder)
  t.throws(() => mockDialect().sqlToQuery(mockDialect().statement(sql`select 1`, false)), errors.ForeignBuilder, 'of another dialect')
})
