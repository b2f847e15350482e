import { Param, sql } from 'drizzle-orm'
import { integer, pgTable, text, timestamp, uuid, type PgColumn } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { bindRows, columnAt } from '../../lib/scope/bound-values.js'
import { buildInsert } from '../../lib/scope/insert-statement.js'
import { assertOwnersOfRow, buildSet } from '../../lib/scope/written-values.js'
import type { OwnedTable, Owner } from '../../lib/scope/owners.js'
import { mockDialect, mockScope } from '../fixtures/mock-scope.js'
import { categories, notes, tasks } from '../fixtures/task-schema.js'

const rows = pgTable('rows', {
  id: integer().primaryKey(),
  userId: text('user_id').notNull(),
  made: integer().$defaultFn(() => 7),
  madeBySql: text('made_by_sql').$defaultFn(() => sql`now()`),
  touched: integer().$onUpdateFn(() => 8),
  touchedBySql: text('touched_by_sql').$onUpdateFn(() => sql`clock()`),
  fixed: integer().default(1).$onUpdateFn(() => 9),
  twice: integer().generatedAlwaysAs(sql`id * 2`),
  at: timestamp()
})
const owner: Owner = { column: rows.userId as PgColumn, key: 'userId', of: 'user' }
const owned: OwnedTable = { kind: 'owned', owners: [owner], author: undefined, written: [owner] }
const dialect = mockDialect()
const { db } = mockScope()

t.test('a column is found by its own property', async (t) => {
  t.equal(columnAt(rows, 'userId'), rows.userId)
  t.throws(() => columnAt(rows, 'user_id'), { code: 'FAI_UNKNOWN_COLUMN', message: '"user_id" is no column of "rows": its property is "userId"' })
  for (const key of ['toString', '__proto__', 'constructor', 'x']) t.throws(() => columnAt(rows, key), { message: `"${key}" is no column of "rows"` })
})

t.test('rows are bound by their own keys', async (t) => {
  const param = new Param('x', rows.id)
  const [row] = bindRows(rows, [{ id: 1, made: sql`x`, touched: param }])
  t.match(row, { id: { value: 1, encoder: rows.id } })
  t.equal(row!.touched, param)
  t.same(bindRows(rows, [Object.create({ id: 1 })]), [{}])
  t.throws(() => bindRows(rows, []), { message: 'An insert takes at least one row' })
  for (const none of [null, undefined, 'x', 1, ['x']]) t.throws(() => bindRows(rows, [none]), { message: 'An insert takes objects as rows' })
  t.throws(() => bindRows(rows, [{ user_id: 'B' }]), errors.UnknownColumn)
})

t.test('an insert fills in owner and defaults, and leaves generated columns to PostgreSQL', async (t) => {
  t.same(db.insert(rows).values({ id: 1, made: undefined, at: sql`now()` } as never).toSQL(), {
    sql: 'insert into "rows" ("id", "user_id", "made", "made_by_sql", "touched", "touched_by_sql", "fixed", "at") values ($1, $2, $3, (now()), $4, (clock()), default, (now()))', params: [1, 'A', 7, 8], writes: true, isRepeatable: false
  })
  t.same(db.insert(rows).values({ id: 1, made: 5, fixed: null, userId: 'A' } as never).toSQL().params, [1, 'A', 5, 8, null])
  t.throws(() => db.insert(rows).values([{ id: 1 }, { id: 2, userId: 'B' }] as never).toSQL(), errors.ForeignOwner)
})

t.test('an update sets what is given, and the columns that set themselves', async (t) => {
  const text = (set: Record<string, unknown>) => dialect.sqlToQuery(dialect.statement(buildSet(dialect, rows, set, owned), true)).sql
  t.equal(text({ id: new Param(1, rows.id), made: rows.id }), '"id" = $1, "made" = "rows"."id", "touched" = $2, "touched_by_sql" = (clock()), "fixed" = $3')
  t.equal(text({ touched: sql`1 + 1`, touchedBySql: sql`x`, fixed: new Param(1, rows.fixed), made: undefined }), '"touched" = (1 + 1), "touched_by_sql" = (x), "fixed" = $1')
  t.throws(() => text({ id: sql`1, user_id = 'B' --` }), errors.UnsafeFragment)
  t.throws(() => text({ nothing: 1 }), errors.UnknownColumn)
})

t.test('an owner is absent or the user, under any property', async (t) => {
  const check = (row: object, who = dialect) => () => assertOwnersOfRow(who, rows, row as never, [owner])
  for (const row of [{}, { userId: undefined }, { userId: 'A' }, { userId: new Param('A', rows.userId) }, { userId: new Param(undefined, rows.userId) }, { id: 'B' }]) t.doesNotThrow(check(row))
  for (const userId of ['B', 'a', 0, 1n, '']) t.throws(check({ userId }), { code: 'FAI_FOREIGN_OWNER', statusCode: 403, message: 'Forbidden', reason: 'A value for the owner column names another user' })
  for (const userId of [null, {}, sql`'A'`, sql.placeholder('x'), new Param(sql.placeholder('x'), rows.userId), true]) t.throws(check({ userId }), { message: 'Forbidden', reason: 'The owner "userId" is written by the scope: leave it out, or give the user\'s own id' })
  t.doesNotThrow(check({ userId: 5 }, mockDialect('5')))
  t.doesNotThrow(check({ userId: 5n }, mockDialect('5')))
  const twice = pgTable('twice', { userId: text('user_id'), other: text('user_id'), uid: uuid('uid') })
  t.throws(() => assertOwnersOfRow(dialect, twice, { other: 'B' }, [{ column: twice.userId, key: 'userId', of: 'user' }]), errors.ForeignOwner)
  const id = 'ABCDEF00-0000-4000-8000-000000000000'
  t.doesNotThrow(() => assertOwnersOfRow(mockDialect(id.toLowerCase()), twice, { uid: id }, [{ column: twice.uid, key: 'uid', of: 'user' }]), 'a uuid in any case')
  t.throws(() => assertOwnersOfRow(mockDialect(id.toLowerCase()), twice, { userId: id }, [{ column: twice.userId, key: 'userId', of: 'user' }]), errors.ForeignOwner)
})

t.test('insert … select puts the owner in its place', async (t) => {
  const select = (fields: Record<string, unknown>) => db.insert(notes).select(db.select(fields as never).from(tasks) as never).toSQL().sql
  t.match(select({ userId: sql`"x"`, body: tasks.title }), /^insert into "notes" \("user_id", "body"\) select cast\(\$1 as text\), "rows"\."c1" from \(select \("x"\), /)
  t.match(select({ body: sql`"x"`.as('body') }), /\("body", "user_id"\) select "rows"\."c0", cast\(\$1 as text\) from /)
  t.throws(() => select({ nested: { body: tasks.title } }), { message: /takes a flat list of fields/ })
  t.throws(() => select({ title: tasks.title }), errors.UnknownColumn)
  t.throws(() => db.insert(notes).select(sql`select 1`).toSQL(), { message: 'insert … select takes a query of request.db, not raw SQL' })
})

t.test('on conflict comes from the builder, over columns', async (t) => {
  const config = { table: notes, values: [{}], withList: undefined, onConflict: sql`do nothing` }
  t.throws(() => buildInsert(dialect, config as never, { ...owned, owners: [{ ...owner, column: notes.userId }] }), errors.ForeignBuilder)
  t.throws(() => db.insert(notes).values({}).onConflictDoNothing({ target: sql`id` as never }).toSQL(), { message: 'The target of on conflict is a column, or a list of columns' })
})

t.test('on conflict keeps the caller\'s conditions in brackets behind the owner', async (t) => {
  const insert = () => db.insert(notes).values({})
  t.match(insert().onConflictDoNothing().toSQL().sql, / on conflict do nothing$/)
  t.match(insert().onConflictDoNothing({ target: notes.id, where: sql`"a" or "b"` }).toSQL().sql, / on conflict \("id"\) where \("a" or "b"\) do nothing$/)
  const upsert = (setWhere?: ReturnType<typeof sql>) => insert().onConflictDoUpdate({ target: [notes.id, notes.userId], set: { body: 'x' }, setWhere }).toSQL()
  t.match(upsert(sql`"c" or "d"`), { sql: / on conflict \("id", "user_id"\) do update set "body" = \$2 where case when "notes"\."user_id" = \$3 then \("c" or "d"\) else .*FAI_CONFLICT.* end$/, params: ['A', 'x', 'A'] })
  t.match(upsert().sql, / then true else /)
})

t.test('a reference is checked where one is written that points somewhere', async (t) => {
  const text = (row: object) => db.insert(tasks).values({ title: 'x', ...row }).toSQL().sql
  const checked = /FAI_FOREIGN_REFERENCE/
  t.match(text({ projectId: 1 }), checked)
  t.notMatch(text({ categoryId: 1 }), checked, 'a shared table is for everybody')
  for (const projectId of [null, undefined, sql`default`]) t.notMatch(text({ projectId }), checked)
  t.match(db.update(tasks).set({ projectId: sql`1 + 1` }).toSQL().sql, checked)
  t.notMatch(db.update(tasks).set({ title: 'x' }).toSQL().sql, checked)
  t.match(db.insert(tasks).select(db.select({ title: tasks.title, projectId: tasks.projectId }).from(tasks) as never).toSQL().sql, checked)
  t.equal(categories.id.name, 'id')
})
