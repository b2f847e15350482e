import { asc, desc, sql } from 'drizzle-orm'
import { integer, pgTable, PgDialect } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { asPage, PageOrder } from '../../lib/repository/pagination.js'
import { samples, tasks } from '../fixtures/task-schema.js'

const order = (...by: any[]) => new PageOrder(samples, by, [samples.id])
const textOf = (piece: ReturnType<typeof sql>) => new PgDialect().sqlToQuery(piece)
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

t.test('the primary key stands behind the order, in the direction of its last column', async (t) => {
  const texts = (page: PageOrder) => page.orderBy.map((piece) => textOf(piece).sql.replaceAll('"samples".', ''))
  t.same(texts(order()), ['"id" asc'])
  t.same(texts(order(samples.label)), ['"label" asc', '"id" asc'])
  t.same(texts(order(asc(samples.label), desc(samples.at))), ['"label" asc', '"at" desc', '"id" desc'])
  t.same(texts(order(desc(samples.id))), ['"id" desc'], 'and only once')
  t.same(Object.keys(order(samples.label).placeFields), ['place 0', 'place 1'])
})

t.test('only columns of the table order a page', async (t) => {
  for (const by of [sql`label`, tasks.title, desc(tasks.id), 'label', null]) t.throws(() => order(by), { code: 'FAI_INVALID_ARGUMENT', message: /paginate orders by columns of "samples"/ })
  t.throws(() => new PageOrder(samples, pgTable('samples', { other: integer() }).other, [samples.id]), errors.InvalidArgument)
  t.throws(() => new PageOrder(samples, undefined, []), errors.Unsupported)
})

t.test('a cursor is a place, and what stands behind it', async (t) => {
  const page = order(samples.label)
  const row = { id: 5, label: 'x', 'place 0': 'x', 'place 1': '5' }
  t.same(page.withoutPlace(row), { id: 5, label: 'x' })
  const after = (by: PageOrder, places: Record<string, unknown>) => { const { sql, params } = textOf(by.after(by.cursorAfter(places))); return [sql.replaceAll('"samples".', ''), ...params] }
  t.same(after(order(), { 'place 0': '5' }), ['"id" > cast(cast($1 as text) as integer)', '5'])
  t.same(after(order(desc(samples.id)), { 'place 0': '5' }), ['"id" < cast(cast($1 as text) as integer)', '5'])
  t.same(after(page, row), [
    '(("label" > cast(cast($1 as text) as text) or "label" is null) or ("label" = cast(cast($2 as text) as text) and "id" > cast(cast($3 as text) as integer)))', 'x', 'x', '5'
  ])
  t.same(after(page, { 'place 0': null, 'place 1': '5' }), ['(false or ("label" is null and "id" > cast(cast($1 as text) as integer)))', '5'])
  t.same(after(order(desc(samples.label)), { 'place 0': null, 'place 1': '5' }), ['("label" is not null or ("label" is null and "id" < cast(cast($1 as text) as integer)))', '5'])
  t.match(after(order(samples.mood), { 'place 0': 'good', 'place 1': '5' })[0], /cast\(cast\(\$1 as text\) as "Mood"\)/)
})

t.test('a cursor that was not issued for this table and order is refused', async (t) => {
  const page = order(samples.label)
  const good = page.cursorAfter({ 'place 0': 'x', 'place 1': '5' })
  const [fingerprint] = JSON.parse(Buffer.from(good, 'base64url').toString())
  t.doesNotThrow(() => page.after(good))
  for (const cursor of ['', 'x', encoded(null), encoded({}), encoded([]), encoded('x'), encoded([fingerprint]), encoded([fingerprint, 'x']), encoded([fingerprint, 'x', '5', '6']), encoded(['other', 'x', '5']),
    encoded([fingerprint, 5, '5']), encoded([fingerprint, 'x', null]), encoded([fingerprint, ['x'], '5']), 5, {}, [], order().cursorAfter({ 'place 0': '5' }), order(desc(samples.label)).cursorAfter({ 'place 0': 'x', 'place 1': '5' })]) {
    t.throws(() => page.after(cursor as string), { code: 'FAI_INVALID_CURSOR', statusCode: 400, detail: 'Invalid cursor' }, JSON.stringify(cursor))
  }
})

t.test('a value that PostgreSQL cannot read was not issued here; other errors stay as they are', async (t) => {
  const failing = (cause: unknown) => async () => { throw Object.assign(new Error('failed'), { cause }) }
  t.equal(await asPage(async () => 5), 5)
  for (const code of ['22P02', '22003', '22007', '22008', '22021']) await t.rejects(asPage(failing({ code })), errors.InvalidCursor)
  for (const cause of [{ code: '57P01' }, {}, undefined]) await t.rejects(asPage(failing(cause)), { message: 'failed' })
})
