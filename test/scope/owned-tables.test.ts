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
