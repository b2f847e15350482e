import { bigint, bigserial, char, getTableConfig, integer, PgDialect, pgEnum, pgSchema, pgTable, serial, smallserial, text, uuid, varchar, type PgColumn, type PgColumnBuilderBase, type PgTable } from 'drizzle-orm/pg-core'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { userScope } from '../../../lib/repository/user-scope.js'
import { forceRowLevelSecurity, userIsolationPolicy } from '../../../lib/schema/user-isolation-policy.js'
import { createRole } from '../../fixtures/policies.js'
import { startSuperuserPostgres } from '../../fixtures/postgres.js'

const roleName = pgEnum('Role Name', ['ada', 'bob'])
const app = pgSchema('app')
const appRole = app.enum('role', ['ada', 'bob'])

/** A table whose owner column is of this type, two user ids of it, and the column's type in a table's definition. */
function owned (type: string, owner: PgColumnBuilderBase, ids: [string, string], name = type.replaceAll(/\W+/g, '_')): { type: string, table: PgTable, ids: [string, string] } {
  return { type, ids, table: pgTable(`by ${name}`, { id: serial(), userId: owner }, (table) => [userIsolationPolicy(table.userId as unknown as PgColumn)]) }
}

const one = '00000000-0000-4000-8000-00000000000a'
const two = '00000000-0000-4000-8000-00000000000b'
const cases = [
  owned('text', text('user_id'), ['ada', 'bob']),
  owned('varchar', varchar('user_id'), ['ada', 'bob']),
  // The other id begins like the first: a cast to the length would take the two for one.
  owned('varchar(3)', varchar('user_id', { length: 3 }), ['ada', 'adam']),
  owned('char(3)', char('user_id', { length: 3 }), ['ada', 'adam']),
  owned('char', char('user_id'), ['a', 'ada']),
  owned('char(32)', char('user_id', { length: 32 }), ['ada', 'bob']),
  owned('uuid', uuid('user_id'), [one, two]),
  owned('integer', integer('user_id'), ['1', '2']),
  owned('bigint', bigint('user_id', { mode: 'bigint' }), ['9007199254740993', '9007199254740994']),
  owned('serial', serial('user_id'), ['1', '2']),
  owned('smallserial', smallserial('user_id'), ['1', '2']),
  owned('bigserial', bigserial('user_id', { mode: 'number' }), ['1', '2']),
  owned('"Role Name"', roleName('user_id'), ['ada', 'bob'], 'enum'),
  owned('"app"."role"', appRole('user_id'), ['ada', 'bob'], 'enum of a schema'),
  owned('text[]', text('user_id').array(), ['{ada}', '{bob}'], 'array')
]

function policyOf (table: PgTable): string {
  const { name, using, withCheck, as, for: command, to } = getTableConfig(table).policies[0]!
  const text = (condition: typeof using): string => {
    const query = new PgDialect().sqlToQuery(condition!)
    if (query.params.length > 0) throw new Error('A policy takes no parameters')
    return query.sql
  }
  const { name: table_ } = getTableConfig(table)
  return `create policy "${name}" on "${table_}" as ${as} for ${command} to ${String(to)} using (${text(using)}) with check (${text(withCheck)})`
}

t.test('the policy keeps users apart, whatever type their ids are of', async (t) => {
  const { url } = await startSuperuserPostgres(t)
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  t.teardown(() => admin.end())
  await admin.unsafe(`create schema app; create type "Role Name" as enum ('ada', 'bob'); create type app.role as enum ('ada', 'bob');
    ${createRole('app')} grant usage on schema app to app`)
  const client = postgres(Object.assign(new URL(url), { username: 'app', password: 'test' }).href, { max: 1, onnotice: () => {} })
  t.teardown(() => client.end())
  const db = drizzle(client)

  for (const { type, table, ids } of cases) {
    await t.test(type, async (t) => {
      const { name } = getTableConfig(table)
      await admin.unsafe(`create table "${name}" (id serial, user_id ${type}); ${policyOf(table)}; alter table "${name}" enable row level security;
        ${forceRowLevelSecurity(table)} grant all on "${name}" to app; grant all on all sequences in schema public to app;
        insert into "${name}" (user_id) values ('${ids[0]}')`)
      const scopeOf = (userId: string) => userScope(db, userId, { rowLevelSecurity: true }).db
      const all = sql.raw(`select id from "${name}"`)
      t.equal((await scopeOf(ids[0]).execute(all)).length, 1, 'the owner sees the row')
      t.equal((await scopeOf(ids[1]).execute(all)).length, 0, 'another user does not')
      t.equal((await client.unsafe(`select id from "${name}"`)).length, 0, 'nobody does not')
      if (type !== 'text[]') {
        await scopeOf(ids[0]).insert(table as never).values({})
        t.equal((await scopeOf(ids[0]).select().from(table as never)).length, 2, 'what the scope writes fits the policy')
      }
      await t.rejects(scopeOf(ids[1]).execute(sql.raw(`insert into "${name}" (user_id) values ('${ids[0]}')`)), { cause: { code: '42501' } }, 'nobody writes for another')
    })
  }
})

t.test('a function in a fragment: policies hold inside of an invoker\'s, and not of a definer\'s', async (t) => {
  const { url } = await startSuperuserPostgres(t)
  const admin = postgres(url, { max: 1, onnotice: () => {} })
  t.teardown(() => admin.end())
  const tasks = pgTable('tasks', { id: serial(), userId: text('user_id').notNull() }, (table) => [userIsolationPolicy(table.userId)])
  await admin.unsafe(`create table tasks (id serial, user_id text not null); ${policyOf(tasks)}; alter table tasks enable row level security;
    insert into tasks (user_id) values ('ada'), ('bob'), ('bob');
    create function counted() returns bigint language sql as 'select count(*) from tasks';
    create function counted_by_owner() returns bigint language sql security definer as 'select count(*) from tasks';
    ${createRole('app')} grant all on tasks to app`)
  const client = postgres(Object.assign(new URL(url), { username: 'app', password: 'test' }).href, { max: 1, onnotice: () => {} })
  t.teardown(() => client.end())
  const counts = { invoker: sql<string>`counted()`, definer: sql<string>`counted_by_owner()` }
  const countedBy = async (db: ReturnType<typeof drizzle>, rowLevelSecurity: boolean) => (await userScope(db, 'ada', { rowLevelSecurity }).db.select(counts).from(tasks))[0]
  t.same(await countedBy(drizzle(admin), false), { invoker: '3', definer: '3' }, 'docs/security.md says that these leave the scope')
  t.same(await countedBy(drizzle(client), true), { invoker: '1', definer: '3' })
})

t.test('the policy reads the setting it is given', async (t) => {
  const tasks = pgTable('tasks', { userId: text('user_id') }, (table) => [userIsolationPolicy(table.userId, { setting: 'request.user' })])
  t.match(policyOf(tasks), "using (\"tasks\".\"user_id\" = nullif(current_setting('request.user', true), ''))")
  for (const setting of ['user_id', "app.x'", 'app.', '', 7]) t.throws(() => userIsolationPolicy(tasks.userId, { setting: setting as string }), TypeError)
})

t.test('the policy takes a column outside of the table\'s definition too', async (t) => {
  const tasks = pgTable('tasks', { userId: uuid('user_id') })
  t.match(new PgDialect().sqlToQuery(userIsolationPolicy(tasks.userId).using!).sql, /::uuid$/)
})

t.test('the statement for FORCE names the table with its schema', async (t) => {
  t.equal(forceRowLevelSecurity(app.table('a"b', { userId: text() })), 'alter table "app"."a""b" force row level security;')
  t.throws(() => forceRowLevelSecurity({} as PgTable), TypeError)
})
