import { alias, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { CompiledQueries, CompiledTables, primaryKeyOf } from '../../lib/repository/compiled-queries.js'
import { OwnerParameter } from '../../lib/scope/parameters.js'
import { mockDialect } from '../fixtures/mock-scope.js'
import { categories, entries, notes, tasks } from '../fixtures/task-schema.js'

const template = mockDialect(new OwnerParameter('user'))
const queries = new CompiledQueries(notes, template)

// What a query sends, with the parameters by their names.
async function sent (compiled: ReturnType<CompiledQueries['count']>): Promise<[string, string[]]> {
  let query: { sql: string, params: any[] } | undefined
  const session = {
    names: { nameNow: () => undefined },
    caller: { user: 'A', organization: null },
    isShared: false,
    prepare: (given: { query: typeof query }) => { query = given.query; return { execute: async () => [] } }
  }
  await compiled.run(session as never, {})
  return [query!.sql, query!.params.map((param) => param.value?.name ?? param.name ?? param)]
}

t.test('each query is compiled once, for any user', async (t) => {
  t.same(await sent(queries.findById()), ['select "notes"."id", "notes"."user_id", "notes"."body" from (select * from "notes" where "notes"."user_id" = $1) "notes" where ("notes"."id" = $2)', ['owner user', 'id 0']])
  t.same(await sent(queries.deleteById()), ['delete from "notes" where ("notes"."user_id" = $1) and ("notes"."id" = $2) returning "notes"."id", "notes"."user_id", "notes"."body"', ['owner user', 'id 0']])
  t.same(await sent(queries.updateById(['body'])), ['update "notes" set "body" = $1 where ("notes"."user_id" = $2) and ("notes"."id" = $3) returning "notes"."id", "notes"."user_id", "notes"."body"', ['value body', 'owner user', 'id 0']])
  t.same(await sent(queries.insert(['body'])), ['insert into "notes" ("id", "user_id", "body") values (default, $1, $2) returning "notes"."id", "notes"."user_id", "notes"."body"', ['owner user', 'value body']])
  t.same(await sent(queries.count()), ['select (count(*)) from (select * from "notes" where "notes"."user_id" = $1) "notes"', ['owner user']])
  t.same(await sent(queries.findMany(['id'], [], false, false)), ['select "notes"."id" from (select * from "notes" where "notes"."user_id" = $1) "notes"', ['owner user']])
  t.same(await sent(queries.findMany(undefined, [{ column: notes.body, direction: 'desc' }, { column: notes.id, direction: 'asc' }], true, true)),
    ['select "notes"."id", "notes"."user_id", "notes"."body" from (select * from "notes" where "notes"."user_id" = $1) "notes" order by "notes"."body" desc, "notes"."id" asc limit $2 offset $3', ['owner user', 'limit', 'offset']])
  t.equal(queries.findById(), queries.findById())
  t.equal(queries.insert(['body']), queries.insert(['body']))
  t.not(queries.insert(['body']), queries.insert(['id', 'body']))
  t.not(queries.findMany(undefined, [], true, false), queries.findMany(undefined, [], false, true))
})

t.test('lists that differ in anything are different queries, and the same one comes back', async (t) => {
  const by = (column: typeof notes.id | typeof notes.body, direction: 'asc' | 'desc' = 'asc') => ({ column, direction }) as never
  const lists: Array<Parameters<CompiledQueries['findMany']>> = [
    [undefined, [], false, false], [undefined, [], true, false], [undefined, [], false, true], [undefined, [], true, true],
    [['id'], [], false, false], [['body'], [], false, false], [['id', 'body'], [], false, false],
    [undefined, [by(notes.id)], false, false], [undefined, [by(notes.id, 'desc')], false, false], [undefined, [by(notes.body)], false, false],
    [undefined, [by(notes.id), by(notes.body)], false, false], [undefined, [by(notes.body), by(notes.id)], false, false], [['id'], [by(notes.id)], false, false]
  ]
  const made = lists.map((list) => queries.findMany(...list))
  t.equal(new Set(made).size, lists.length)
  t.equal(new Set((await Promise.all(made.map(sent))).map(([text]) => text)).size, lists.length)
  for (const [index, list] of lists.entries()) t.equal(queries.findMany(...list), made[index])
})

t.test('a composite key is named without the owner', async (t) => {
  t.same(new CompiledQueries(entries, template).id.map(([key]) => key), ['day', 'slot'])
  t.same(queries.id.map(([key]) => key), ['id'])
  t.same(queries.owned.owners.map(({ key }) => key), ['userId'])
  const own = pgTable('own', { userId: text('user_id').primaryKey(), n: integer() })
  t.same(new CompiledQueries(own, template).id.map(([key]) => key), ['userId'], 'unless it is the whole key')
  t.throws(() => new CompiledQueries(pgTable('bare', { userId: text('user_id') }), template).byId, { message: '"bare" has no primary key: use where conditions' })
})

t.test('a shared table has no repository', async (t) => {
  t.throws(() => new CompiledQueries(categories, template), errors.SharedTableWrite)
})

t.test('fields are the columns by their keys', async (t) => {
  t.same(Object.keys(queries.fields(undefined)), ['id', 'userId', 'body'])
  t.same(Object.keys(queries.fields(['body'])), ['body'])
})

t.test('the number of queries kept is bounded', async (t) => {
  const many = new CompiledQueries(tasks, template)
  const first = many.findMany(['id'], [], false, false)
  for (let n = 0; n < 500; n++) many.findMany(['id'], Array.from({ length: n + 1 }, () => ({ column: tasks.id, direction: 'asc' as const })), false, false)
  t.equal(many.findMany(['id'], [], false, false), first)
  t.not(many.count(), many.count(), 'what comes later is compiled anew')
})

t.test('the primary key is in the order of the key', async (t) => {
  t.same(primaryKeyOf(entries).map(([key]) => key), ['userId', 'day', 'slot'])
  t.same(primaryKeyOf(notes), [['id', notes.id]])
  t.same(primaryKeyOf(pgTable('x', { a: integer(), b: integer() }, (table) => [primaryKey({ columns: [table.b, table.a] })])).map(([key]) => key), ['b', 'a'])
  t.same(primaryKeyOf(pgTable('x', { a: integer() })), [])
})

t.test('the queries of a table are the same for its aliases', async (t) => {
  const tables = new CompiledTables(template)
  t.equal(tables.of(notes), tables.of(notes))
  t.equal(tables.of(notes), tables.of(alias(notes, 'n')))
  t.not(tables.of(notes), tables.of(tasks))
})
