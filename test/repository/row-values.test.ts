import { sql } from 'drizzle-orm'
import { customType, integer, pgTable, text, type PgTable } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { RowValues } from '../../lib/repository/row-values.js'
import { CompiledQueries } from '../../lib/repository/compiled-queries.js'
import { mockDialect, mockScope } from '../fixtures/mock-scope.js'
import { entries, notes, samples, tasks } from '../fixtures/task-schema.js'

const of = (table: PgTable) => new RowValues(table, mockDialect(), new CompiledQueries(table, mockDialect()))

t.test('columns are chosen by name, or all but some', async (t) => {
  const values = of(notes)
  t.equal(values.selectedKeys(undefined), undefined)
  t.same(values.selectedKeys({ id: true, body: false }), ['id'])
  t.same(values.selectedKeys({ body: false, id: undefined }), ['id', 'userId'])
  t.same(values.selectedKeys({}), ['id', 'userId', 'body'])
  t.throws(() => values.selectedKeys({ id: false, userId: false, body: false }), { message: '"columns" leaves no column to select' })
  for (const key of ['x', 'user_id', 'toString']) t.throws(() => values.selectedKeys({ [key]: true }), errors.UnknownColumn)
})

t.test('an id is a value, or an object of the key without the owner', async (t) => {
  t.same(of(notes).ofId('x'), { 'id 0': 'x' })
  t.throws(() => of(notes).ofId({ id: 'x', body: 'y' }), { code: 'FAI_INVALID_ARGUMENT', message: 'An id of "notes" is "id": "body" is no part of it' })
  t.throws(() => of(notes).ofId({ id: 'x', nothing: 'y' }), { code: 'FAI_UNKNOWN_COLUMN' })
  t.same(of(entries).ofId({ day: 'd', slot: 2 }), { 'id 0': 'd', 'id 1': 2 })
  const dated = pgTable('dated', { at: text().primaryKey(), userId: text('user_id') })
  t.match(of(dated).ofId(new Date(0)), { 'id 0': new Date(0) })
  for (const id of [undefined, null, {}, ['x'], { id: null }, Object.create({ id: 'x' }), sql`x`, { id: sql`x` }]) t.throws(() => of(notes).ofId(id), { code: 'FAI_INVALID_ARGUMENT', message: 'The id needs a value for "id"' })
  for (const id of ['x', { day: 'd' }, null]) t.throws(() => of(entries).ofId(id), errors.InvalidArgument)
  const { sql: condition } = mockScope().db.select({ id: entries.slot }).from(entries).where(of(entries).idCondition({ day: 'd', slot: 2 })).toSQL()
  t.match(condition, / where \(\("entries"\."day" = \$2 and "entries"\."slot" = \$3\)\)$/)
})

t.test('values of a row are own, defined, known, and without the owner', async (t) => {
  t.same(of(notes).ofRow({ body: 'x', id: undefined, userId: 'A' }), { body: 'x' })
  t.throws(() => of(notes).ofRow({ userId: 'B' }), errors.ForeignOwner)
  t.throws(() => of(notes).ofRow({ user_id: 'A' }), errors.UnknownColumn)
  for (const none of [null, undefined, 'x', []]) t.throws(() => of(notes).ofRow(none as never), { message: 'The values of a row are an object' })
})

const odd = pgTable('odd', {
  id: integer().primaryKey(),
  userId: text('user_id'),
  twice: integer().generatedAlwaysAs(sql`1`),
  made: integer().$defaultFn(() => 7),
  touched: integer().$onUpdateFn(() => 8),
  fixed: integer().default(1).$onUpdateFn(() => 9),
  loud: customType<{ data: string }>({ dataType: () => 'text', toDriver: (value) => sql`upper(${value})` })()
})

t.test('a row to insert is encoded, with the defaults that are made here', async (t) => {
  t.same(of(odd).forInsert({ id: 1, userId: 'A' } as never), { id: 1, made: 7, touched: 8 })
  t.throws(() => of(odd).forInsert({ id: 1, twice: 5 } as never), { code: 'FAI_INVALID_ARGUMENT' })
  t.same(of(odd).forInsert({ id: 1, made: null, touched: 3, fixed: 4 }), { id: 1, made: null, touched: 3, fixed: 4 })
  t.match(of(samples).forInsert({ id: 1, at: new Date(0), tags: ['a'] }), { at: '1970-01-01T00:00:00.000Z', tags: '{"a"}' })
  for (const value of [sql`1`, odd.made]) t.equal(of(odd).forInsert({ id: value }), undefined, 'SQL makes it no compiled query')
  t.equal(of(odd).forInsert({ id: 1, loud: 'x' }), undefined, 'nor does a type that writes SQL')
  t.throws(() => of(samples).forInsert({ id: 1, at: 5 }), errors.InvalidTimestamp)
})

t.test('a patch is encoded, with what sets itself', async (t) => {
  t.same(of(odd).forUpdate({ id: 1 }), { id: 1, touched: 8, fixed: 9 })
  t.same(of(odd).forUpdate({ touched: 1, fixed: null }), { touched: 1, fixed: null })
  t.equal(of(odd).forUpdate({ id: sql`1` }), undefined)
})

t.test('placeholders hold the user and the values', async (t) => {
  t.same(of(notes).ofValues({ body: 'x' }), { 'value body': 'x' })
})

t.test('an upsert proposes what is given outside its target, or the target itself', async (t) => {
  t.same(of(notes).proposed({ id: 'x', body: 'y', userId: 'A' }, [notes.id]), { body: 'y' })
  t.same(Object.keys(of(notes).proposed({ id: 'x' }, [notes.id])), ['id'])
  t.throws(() => of(tasks).proposed({ id: 'x', userId: 'B' }, [tasks.id]), errors.ForeignOwner)
})
