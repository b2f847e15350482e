import { eq, Param, sql, type SQL } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { render } from '../../lib/scope/render.js'
import { mockDialect, mockScope } from '../fixtures/mock-scope.js'
import { memos, mood, notes, openTasks, samples, tasks } from '../fixtures/task-schema.js'

const { db } = mockScope()
const scoped = '(select * from "notes" where "notes"."user_id" = $1) "notes"'

// A fragment as it comes out in a condition, and the parameters behind the user's.
function rendered (piece: SQL): [string, ...unknown[]] {
  const { sql, params } = db.select({ id: notes.id }).from(notes).where(piece).toSQL()
  const select = 'select "notes"."id" from '
  const forms = [
    [`${select}${scoped} where (`, ')'],
    [`${select}${scoped.replace(') "', ' offset 0) "')} where (case when now() is not null then (`, ') end)']
  ] as const
  const [start, end] = forms.find(([start, end]) => sql.startsWith(start) && sql.endsWith(end)) ?? ['', '']
  return [sql.slice(start.length, sql.length - end.length), ...params.slice(1)]
}

t.test('every kind of chunk is written or bound', async (t) => {
  t.same(rendered(sql`a = ${1} and ${'x'} and ${null}`), ['a = $2 and $3 and $4', 1, 'x', null])
  t.same(rendered(sql`${sql.identifier('a"b')}`), ['"a""b"'])
  t.same(rendered(sql`${notes.body} ${memos.body} ${alias(notes, 'n').body}`), ['"notes"."body" "memos"."body" "n"."body"'])
  t.same(rendered(sql`${[1, [2, 3], 'x']} ${[]}`), ['($2, ($3, $4), $5) ()', 1, 2, 3, 'x'])
  t.same(rendered(sql`${notes} ${memos} ${alias(notes, 'n')} ${openTasks} ${alias(openTasks, 'o')}`), ['"notes" "memos" "n" "open_tasks" "o"'])
  t.same(rendered(sql`x::${mood}`), ['x::"Mood"'])
  t.same(rendered(sql`${sql`1`.as('one')}`), ['"one"'])
  t.same(rendered(sql`${undefined}1${sql.empty()}${sql.raw(' + 1')}`), ['1 + 1'])
  t.match(rendered(sql`${sql.placeholder('p')}`), ['$2', { value: sql.placeholder('p') }])
  t.same(rendered(sql`${{ getSQL: () => sql`1 + ${1}` }}`), ['(1 + $2)', 1])
  t.same(rendered(sql`${sql.param(5)} ${sql.param('x', { mapToDriverValue: (value) => `<${String(value)}>` })}`), ['$2 $3', 5, '<x>'])
})

t.test('nothing runs on from a value, bound or still to come', async (t) => {
  for (const piece of [sql`${1}0`, sql`${sql.placeholder('p')}0`, sql`${'x'}or true`]) t.throws(() => rendered(piece), errors.UnsafeFragment)
  t.match(rendered(sql`${1} ${sql.placeholder('p')} = 0`), ['$2 $3 = 0', 1, { value: sql.placeholder('p') }])
})

t.test('inlined values are literals', async (t) => {
  t.same(rendered(sql`${null} ${1} ${-2.5} ${true} ${3n} ${"it's"} ${{ a: 1 }} ${sql.param(samples.id.name)}`.inlineParams()), ["null 1 -2.5 true 3 'it''s' '{\"a\":1}' 'id'"])
  t.same(rendered(sql`${sql`${1}`.inlineParams()} ${2}`), ['1 $2', 2], 'and only they')
  t.same(rendered(sql`${{ toString: () => 'text' }}`.inlineParams()), ["'text'"])
  t.throws(() => rendered(sql`${(() => 1) as never}`.inlineParams()), { code: 'FAI_UNSAFE_FRAGMENT', message: /of type function/ })
})

t.test('what an encoder answers is bound, or judged when it is SQL', async (t) => {
  const answering = (answer: unknown) => sql.param('x', { mapToDriverValue: () => answer })
  t.same(rendered(sql`${answering(sql`upper(${'x'})`)}`), ['upper($2)', 'x'])
  t.throws(() => rendered(sql`${answering(sql`x union`)}`), errors.UnsafeFragment)
  const dialect = mockDialect()
  t.same(dialect.sqlToQuery(dialect.statement(sql`values (${answering(sql`lower('X')`)}, ${answering(sql` DEFAULT `)})`, true)).sql, "values ((lower('X')),  DEFAULT )")
  t.throws(() => rendered(eq(tasks.createdAt, 5 as never)), errors.InvalidTimestamp)
})

t.test('a placeholder is encoded when its value comes', async (t) => {
  const [, param] = rendered(sql`${new Param(sql.placeholder('at'), samples.at)}`) as [string, Param]
  t.equal(param.value instanceof Object, true)
  t.equal(param.encoder.mapToDriverValue(new Date(0)), '1970-01-01T00:00:00.000Z')
  t.equal(param.encoder.mapToDriverValue(null), null)
  t.throws(() => param.encoder.mapToDriverValue(5), errors.InvalidTimestamp)
  const [, writesSql] = rendered(sql`${new Param(sql.placeholder('x'), { mapToDriverValue: () => sql`now()` })}`) as [string, Param]
  t.throws(() => writesSql.encoder.mapToDriverValue('x'), errors.Unsupported)
})

t.test('a sub-query of the scope stands in brackets, with fragments judged by themselves', async (t) => {
  const inner = db.select({ id: notes.id }).from(notes).where(sql`"x" or "y"`)
  const text = '(select "notes"."id" from (select * from "notes" where "notes"."user_id" = $2) "notes" where ("x" or "y"))'
  t.equal(rendered(sql`"a" in ${inner}`)[0], `"a" in ${text}`)
  t.equal(rendered(sql`"a" in (${inner.getSQL()})`)[0], `"a" in (${text})`)
  t.equal(rendered(sql`${1} = ${inner}`.inlineParams())[0], `1 = ${text}`)
  for (const hidden of [sql`(select 1) = ${inner}`, sql`a) or (b and ${inner}`, sql`${inner} union ${inner}`, sql`(select 1 where exists ${inner})`]) {
    if (hidden !== undefined) t.throws(() => rendered(sql`${hidden};`), errors.UnsafeFragment)
  }
  t.throws(() => rendered(sql`(select 1) = ${inner}`), errors.UnsafeFragment)
  t.throws(() => rendered(sql`exists ${db.select({ x: sql`1;` }).from(notes)}`), errors.UnsafeFragment)
})

t.test('a query of another handle is refused, whatever it looks like', async (t) => {
  const other = mockScope('B').db
  t.throws(() => rendered(sql`${other.select().from(notes)}`), { code: 'FAI_FOREIGN_BUILDER', message: /another user, request or transaction/ })
  for (const fake of [{ getSQL: () => sql`1`, toSQL: () => {} }, { getSQL: () => sql`1`, getSelectedFields: () => ({}) }]) t.throws(() => rendered(sql`${fake}`), errors.ForeignBuilder)
  t.throws(() => rendered(sql`${db.select().from(notes).as('x')}`), { message: /The sub-query "x" stands inside a raw sql fragment/ })
})

t.test('a name shared by a table and an expression is refused', async (t) => {
  const fake = db.$with('tasks').as(db.select({ id: notes.id }).from(notes))
  t.throws(() => db.with(fake).select({ id: fake.id }).from(fake).innerJoin(alias(tasks, 't'), sql`true`).toSQL(), { message: 'A common table expression is named like the table "tasks": give it another name' })
  const elsewhere = db.$with('memos').as(db.select({ id: notes.id }).from(notes))
  t.match(db.with(elsewhere).select({ id: elsewhere.id }).from(elsewhere).innerJoin(alias(memos, 'm'), sql`true`).toSQL().sql, /from "memos" inner join \(select \* from "app"\."memos"/)
  t.throws(() => db.select().from(fake).toSQL(), { message: /^The common table expression "tasks" is read where it is not declared/ })
  t.equal(db.with(fake).select({ id: fake.id }).from(fake).where(sql`${fake} is not null`).toSQL().sql.endsWith('from "tasks" where ("tasks" is not null)'), true)
})

t.test('words that are no expressions stand without brackets', async (t) => {
  t.match(db.select({ all: sql`*` }).from(notes).toSQL().sql, /^select \* from/)
  t.match(db.insert(notes).values({ body: sql` Default ` }).toSQL().sql, /, {2}Default \)$/)
  t.throws(() => db.select().from(notes).where(sql`a from`).toSQL(), errors.UnsafeFragment)
})

t.test('a renderer says whether anything in it writes', async (t) => {
  const dialect = mockDialect()
  t.equal(render(dialect, dialect.statement(sql`select 1`, false)).writes, false)
  t.equal(render(dialect, sql`${dialect.statement(sql`${dialect.statement(sql`select 1`, true)}`, false)} ${dialect.statement(sql`1`, false)}`).writes, true)
})

t.test('a condition that may fail on a row is kept behind a fence', async (t) => {
  const open = '(select * from "notes" where "notes"."user_id" = $1)'
  const fence = '(select * from "notes" where "notes"."user_id" = $1 offset 0)'
  const text = (where: SQL) => db.select({ id: notes.id }).from(notes).where(where).toSQL().sql
  t.ok(text(eq(notes.body, 'x')).includes(open))
  t.ok(text(sql`1 / length(${notes.body}) > 0`).includes(fence))
  t.ok(text(sql`exists ${db.select({ x: sql`1 / 0` }).from(tasks)}`).includes(fence), 'in a sub-query too')
  t.ok(db.select({ x: sql`1 / length(${notes.body})` }).from(notes).toSQL().sql.includes(open), 'what is selected is computed of the rows that are left')
  t.match(db.delete(notes).where(sql`1 / length(body) > 0`).toSQL().sql, 'where ("notes"."user_id" = $1) and case when "notes"."user_id" = $2 then (1 / length(body) > 0) end')
  t.match(db.delete(notes).where(eq(notes.body, 'x')).toSQL().sql, 'where ("notes"."user_id" = $1) and ("notes"."body" = $2)')
  t.throws(() => rendered(sql`${notes.body} like ${'x\\'}`), { code: 'FAI_INVALID_ARGUMENT', message: /ends with a backslash/ })
  t.same(rendered(sql`${notes.body} like ${'x\\\\'}`), ['"notes"."body" like $2', 'x\\\\'])
})

t.test('a sub-query to select from stands in brackets under its name', async (t) => {
  const inner = db.select({ id: notes.id }).from(notes).as('in"ner')
  t.equal(db.select({ id: inner.id }).from(inner).toSQL().sql, `select "in""ner"."id" from (select "notes"."id" from ${scoped}) "in""ner"`)
})
