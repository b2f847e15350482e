import { sql } from 'drizzle-orm'
import { alias, integer, pgSchema, pgTable, pgView, text, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { createOwnedTables, realName } from '../../lib/scope/owned-tables.js'
import { parseScopeOptions } from '../../lib/scope/scope-options.js'
import type { ScopeOptions } from '../../lib/options.js'
import { categories, entries, invoices, memos, notes, openTasks, titles } from '../fixtures/task-schema.js'

const create = (options: ScopeOptions = {}, tables: PgTable[] = []) => createOwnedTables(parseScopeOptions(options), (column) => column.name, tables)

t.test('the owner column is found by its database name', async (t) => {
  for (const source of [notes, alias(notes, 'n'), entries, memos, openTasks]) t.match(create().ownershipOf(source), { kind: 'owned', owners: [{ key: 'userId', of: 'user' }] })
  const account = pgTable('account', { id: integer(), accountId: text('account_id') })
  t.match(create({ ownerColumn: 'account_id' }).ownershipOf(account), { kind: 'owned', owners: [{ key: 'accountId' }] })
  t.same(create().ownersOf(invoices), [])
  t.equal(create().ownersOf(notes)[0]?.column, notes.userId)
})

t.test('a function may name the owner column, also for an alias of a known table', async (t) => {
  const user = pgTable('user', { id: text().primaryKey(), email: text() })
  const asked: unknown[] = []
  const ownerColumn = (table: PgTable): PgColumn | undefined => { asked.push(table); return table === user ? user.id : undefined }
  const tables = create({ ownerColumn }, [notes, user])
  t.match(tables.ownershipOf(alias(user, 'u')), { kind: 'owned', owners: [{ key: 'id' }] })
  t.ok(asked.every((table) => table === user))
  t.throws(() => tables.ownershipOf(notes), { code: 'FAI_UNOWNED_TABLE', message: /^"public"."notes" has no owner column and/ })
  t.throws(() => create({ ownerColumn: () => 'user_id' as never }).ownershipOf(notes), { name: 'TypeError', message: '"ownerColumn" must answer a column or undefined, for "public"."notes" it answered string' })
  t.throws(() => create({ ownerColumn: () => entries.userId }).ownershipOf(notes), errors.UnownedTable, 'a column of another table')
  t.match(create({ ownerColumn: () => openTasks.userId as PgColumn }).ownershipOf(openTasks), { kind: 'owned' })
})

t.test('a shared table is known by schema and real name', async (t) => {
  const tables = create({ sharedTables: [categories, titles] })
  for (const source of [categories, alias(categories, 'c'), pgTable('categories', { id: integer() }), titles]) t.same(tables.ownershipOf(source), { kind: 'shared' })
  for (const source of [invoices, alias(invoices, 'categories'), pgSchema('app').table('categories', { id: integer() })]) t.throws(() => tables.ownershipOf(source), errors.UnownedTable)
  t.equal(tables.ownershipOf(categories), tables.ownershipOf(categories), 'one answer a table')
})

t.test('an owned table cannot be shared', async (t) => {
  t.throws(() => create({ sharedTables: [notes] }), { name: 'TypeError', message: /^"public"."notes" is in sharedTables, but it has an owner column/ })
})

t.test('an owned table cannot be shared by an object that leaves its owner column out', async (t) => {
  const slim = pgTable('notes', { id: integer() })
  t.throws(() => create({ sharedTables: [slim] }, [notes]), { name: 'TypeError', message: /^"public"."notes" is in sharedTables, but it has an owner column/ })
  t.doesNotThrow(() => create({ sharedTables: [slim] }, [memos, categories]))
})

t.test('a table without a schema is one of public, and only that', async (t) => {
  t.throws(() => pgSchema('public' as never), { message: /public/ })
  const tables = create({ sharedTables: [categories] })
  t.same(tables.ownershipOf(pgTable('categories', { id: integer() })), { kind: 'shared' })
  t.throws(() => tables.ownershipOf(pgSchema('app').table('categories', { id: integer() })), errors.UnownedTable)
})

t.test('a column of a view that is an expression owns nothing', async (t) => {
  const view = pgView('v').as((qb) => qb.select({ userId: sql<string>`'B'`.as('user_id') }).from(notes))
  t.throws(() => create().ownershipOf(view), { message: /^"public"."v" has no column "user_id" and is not in sharedTables/ })
})

t.test('the real name holds schema and quotes', async (t) => {
  t.equal(realName(memos), '"app"."memos"')
  t.equal(realName(pgTable('a"b', { id: integer() })), '"public"."a""b"')
  t.equal(realName(openTasks), '"public"."open_tasks"')
})

const both = pgTable('both', { id: integer(), userId: text('user_id'), orgId: text('org_id') })
const team = pgTable('team', { id: integer(), orgId: text('org_id') })

t.test('an organization owns by its column, together with a user or alone', async (t) => {
  const tables = create({ organization: true }, [notes, both, team])
  t.match(tables.ownershipOf(team), { owners: [{ of: 'organization', key: 'orgId' }], author: undefined })
  t.match(tables.ownershipOf(notes), { owners: [{ of: 'user' }] })
  for (const source of [both, alias(both, 'b'), pgTable('both', { userId: text('user_id'), orgId: text('org_id') })]) {
    t.same(tables.ownersOf(source).map(({ of }) => of), ['user', 'organization'])
  }
  t.same(create().ownersOf(both).map(({ of }) => of), ['user'], 'without the option the column is one like any other')
  t.throws(() => create().ownershipOf(team), errors.UnownedTable)
  t.throws(() => tables.ownershipOf(invoices), { message: /^"public"."invoices" has no column "user_id" or "org_id" and is not in sharedTables/ })
  t.throws(() => create({ organization: true, ownerColumn: () => undefined }).ownershipOf(invoices), { message: /has no owner column and no column "org_id"/ })
  t.match(create({ organization: { column: 'user_id' }, ownerColumn: 'member_id' }).ownershipOf(notes), { owners: [{ of: 'organization', key: 'userId' }] })
})

t.test('an authored table is the organization\'s, under whichever object', async (t) => {
  const tables = create({ organization: { authored: [both] } })
  for (const source of [both, alias(both, 'b'), pgTable('both', { userId: text('user_id'), orgId: text('org_id') })]) {
    t.match(tables.ownershipOf(source), { owners: [{ of: 'organization' }], author: { of: 'user', key: 'userId' }, written: [{ of: 'user' }, { of: 'organization' }] })
    t.equal(tables.ownersOf(source).length, 1)
  }
  for (const table of [team, notes, invoices]) {
    t.throws(() => create({ organization: { authored: [table] } }), { name: 'TypeError', message: /is in organization.authored, but it has not both a column "org_id" and one of its author/ })
  }
})

t.test('an object that leaves one of two owners out is refused where the schema or the list has both', async (t) => {
  const halves = [pgTable('both', { userId: text('user_id') }), pgTable('both', { orgId: text('org_id') })]
  for (const tables of [create({ organization: true }, [both]), create({ organization: { authored: [both] } })]) {
    for (const half of halves) {
      t.throws(() => tables.ownershipOf(half), { code: 'FAI_UNOWNED_TABLE', message: /^This object of "public"."both" leaves out the column of its (?:user|organization)/ })
      t.throws(() => tables.ownersOf(half), errors.UnownedTable)
    }
  }
  t.match(create({}, [both]).ownershipOf(halves[0]!), { kind: 'owned' }, 'not without the option')
})

t.test('a table of organizations cannot be shared, and a column has one owner', async (t) => {
  t.throws(() => create({ organization: true, sharedTables: [team] }), { name: 'TypeError', message: /^"public"."team" is in sharedTables, but it has an owner column/ })
  t.doesNotThrow(() => create({ sharedTables: [team] }))
  t.throws(() => create({ organization: true, ownerColumn: () => team.orgId }).ownershipOf(team), { name: 'TypeError', message: /^"ownerColumn" answers for "public"."team" the column "org_id", which holds its organization/ })
})
