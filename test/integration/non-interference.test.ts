import assert from 'node:assert/strict'
import { and, asc, eq, exists, gt, lte, ne, or, relations, sql, type SQL } from 'drizzle-orm'
import { alias, foreignKey, integer, pgSchema, primaryKey, text, uuid, type PgColumn } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import fc from 'fast-check'
import postgresJs, { type Sql } from 'postgres'
import t from 'tap'
import type { OrganizationOptions, ScopeOptions } from '../../lib/options.js'
import { userScope, type ScopeCaller } from '../../lib/repository/user-scope.js'
import { policiesOf } from '../fixtures/policies.js'
import { startPlace, layers, type Place } from '../fixtures/settings.js'
import { whereOf } from '../fixtures/relational.js'

// How a team may have set its tables up: what owns, what the column is called, whether children point with the owner.
interface Setup { owners: typeof ownerships[number], ownerType: 'text' | 'uuid' | 'integer', ownerColumn: string, ownedReference: boolean }

// Where both own, the two callers differ in one of them alone; authored rows are the organization's.
const ownerships = ['user', 'organization', 'both, in one organization', 'both, of one user', 'authored'] as const

const users = {
  text: ['A', 'B'],
  uuid: ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'],
  integer: ['1', '2']
}

function tablesOf (name: string, { owners, ownerType, ownerColumn, ownedReference }: Setup) {
  const hasBoth = owners !== 'user' && owners !== 'organization'
  const organization = () => hasBoth ? { org: text('org_id').notNull() } : {} as { org: never }
  const key = <T>(column: T, org: T | undefined): [T, ...T[]] => hasBoth ? [column, org!] : [column]
  const owner = () => ({ text, uuid, integer }[ownerType] as typeof text)(ownerColumn).notNull()
  const schema = pgSchema(name)
  const lists = schema.table('lists', { owner: owner(), ...organization(), id: integer().notNull(), size: integer().notNull().default(0), name: text().notNull().default('') },
    (table) => [primaryKey({ columns: [...key(table.owner as PgColumn, table.org), table.id] as never })])
  const items = schema.table('items', { owner: owner(), ...organization(), id: integer().notNull(), listId: integer('list_id'), size: integer().notNull().default(0), name: text() },
    (table) => [
      primaryKey({ columns: [table.id, ...key(table.owner as PgColumn, table.org)] as never }),
      ...(ownedReference ? [foreignKey({ columns: [...key(table.owner as PgColumn, table.org), table.listId] as never, foreignColumns: [...key(lists.owner as PgColumn, lists.org), lists.id] as never })] : [])
    ])
  const listRelations = relations(lists, ({ many }) => ({ items: many(items) }))
  const itemRelations = relations(items, ({ one }) => ({ list: one(lists, { fields: [...key(items.owner as PgColumn, items.org), items.listId] as never, references: [...key(lists.owner as PgColumn, lists.org), lists.id] as never }) }))
  const keyText = hasBoth ? `"${ownerColumn}", org_id` : `"${ownerColumn}"`
  const orgText = hasBoth ? 'org_id text not null, ' : ''
  const create = `create schema "${name}";
    create table "${name}".lists ("${ownerColumn}" ${ownerType} not null, ${orgText}id integer not null, size integer not null default 0, name text not null default '', primary key (${keyText}, id));
    create table "${name}".items ("${ownerColumn}" ${ownerType} not null, ${orgText}id integer not null, list_id integer, size integer not null default 0, name text, primary key (id, ${keyText})
      ${ownedReference ? `, foreign key (${keyText}, list_id) references "${name}".lists (${keyText}, id)` : ''});`
  const keys = { lists: [...key(lists.owner as PgColumn, lists.org), lists.id], items: [items.id, ...key(items.owner as PgColumn, items.org)] }
  return { lists, items, keys, schema: { lists, items, listRelations, itemRelations }, create }
}

type Tables = ReturnType<typeof tablesOf>
interface Operation { name: string, id: number, other: number, size: number, word: string, where: number }
// The tables have no type before they are drawn, so neither has the scope over them.
interface Scope { db: any, repository: any }
type Run = (scope: Scope, tables: Tables, operation: Operation) => unknown

const conditions: Array<(table: { id: PgColumn, size: PgColumn, owner: PgColumn }, operation: Operation, strangers: string) => SQL | undefined> = [
  () => undefined, () => sql`true`, () => sql`1 = 1 or true`, ({ id }, operation) => eq(id, operation.id), ({ size }, operation) => gt(size, operation.size),
  ({ id, size }, operation) => or(lte(id, operation.id), sql`${size} is distinct from ${operation.size}`), ({ owner }, _operation, strangers) => eq(owner, strangers),
  ({ owner, id }, operation, strangers) => or(eq(owner, strangers), ne(id, operation.id)), ({ size }, operation) => and(sql`${size} % 2 = 0 or true`, sql`${size} < ${operation.size}`)
]

let strangers = ''
const where = (table: { id: PgColumn, size: PgColumn, owner: PgColumn }, operation: Operation): SQL | undefined => conditions[operation.where]!(table, operation, strangers)

const operations: Record<string, Run> = {
  insert: ({ db }, { lists }, { id, size, word }) => db.insert(lists).values({ id, size, name: word }).returning(),
  insertMany: ({ db }, { items }, { id, other, size }) => db.insert(items).values([{ id, size }, { id: other, size }]).onConflictDoNothing().returning(),
  insertChild: ({ repository }, { items }, { id, other, word }) => repository(items).insert({ id, listId: other, name: word } as never),
  insertSelect: ({ db }, { lists, items }, operation) => db.insert(items).select(db.select({ id: sql`${lists.id} + ${operation.id}`, size: lists.size }).from(lists).where(where(lists, operation)) as never).onConflictDoNothing().returning(),
  upsert: ({ db }, { lists, keys }, operation) => db.insert(lists).values({ id: operation.id, name: operation.word }).onConflictDoUpdate({ target: keys.lists, set: { size: operation.size }, setWhere: where(lists, operation) }).returning(),
  repositoryUpsert: ({ repository }, { items, keys }, { id, size }) => repository(items).upsert({ id, size } as never, { target: keys.items }),
  update: ({ db }, { items }, operation) => db.update(items).set({ size: sql`${items.size} + 1`, name: operation.word }).where(where(items, operation)).returning(),
  updateFrom: ({ db }, { lists, items }, operation) => db.update(items).set({ name: sql`${lists.name}` }).from(lists).where(and(eq(items.listId, lists.id), where(lists, operation))).returning({ id: items.id, name: items.name }),
  updateById: ({ repository }, { lists }, { id, word }) => repository(lists).updateById({ id } as never, { name: word } as never),
  updateMany: ({ repository }, { lists }, operation) => repository(lists).update(where(lists, operation) ?? sql`true`, { size: operation.size } as never),
  delete: ({ db }, { items }, operation) => db.delete(items).where(where(items, operation)).returning(),
  deleteById: ({ repository }, { items }, { id }) => repository(items).deleteById({ id } as never),
  writingCte: ({ db }, { items }, operation) => { const gone = db.$with('gone').as(db.delete(items).where(eq(items.id, operation.id)).returning()); return db.with(gone).select().from(gone) },
  select: ({ db }, { lists }, operation) => db.select().from(lists).where(where(lists, operation)).orderBy(asc(lists.id)),
  join: ({ db }, { lists, items }, operation) => db.select().from(lists).leftJoin(items, or(eq(items.listId, lists.id), where(items, operation))),
  // PostgreSQL joins fully on equality and little else.
  fullJoin: ({ db }, { lists, items }, operation) => db.select().from(lists).fullJoin(items, eq(items.listId, lists.id)).where(where(items, operation)),
  selfJoin: ({ db }, { items }, operation) => { const other = alias(items, 'other'); return db.select({ left: items.id, right: other.id }).from(items).leftJoin(other, ne(other.id, items.id)).where(where(items, operation)) },
  exists: ({ db }, { lists, items }, operation) => db.select().from(lists).where(exists(db.select().from(items).where(where(items, operation)))),
  union: ({ db }, { lists, items }, operation) => db.select({ id: lists.id }).from(lists).union(db.select({ id: items.id }).from(items).where(where(items, operation))),
  cte: ({ db }, { items }, operation) => { const some = db.$with('some').as(db.select().from(items).where(where(items, operation))); return db.with(some).select().from(some) },
  aggregate: ({ db }, { items }, operation) => db.select({ n: sql`count(*)::int`, all: sql`array_agg(${items.id} order by ${items.id})` }).from(items).where(where(items, operation)),
  count: ({ db }, { items }, operation) => db.$count(items, where(items, operation)),
  relational: ({ db }, _tables, { size }) => db.query.lists.findMany({ orderBy: (fields: any) => fields.id, with: { items: { orderBy: (fields: any) => fields.id, where: whereOf((fields: any, { gt }: any) => gt(fields.size, size)), with: { list: true } } } }),
  forUpdate: ({ db }, { items }, operation) => db.select().from(items).where(where(items, operation)).for('update'),
  findMany: ({ repository }, { lists }, { other }) => repository(lists).findMany({ orderBy: lists.id, limit: other }),
  findById: ({ repository }, { items }, { id }) => repository(items).findById({ id } as never),
  paginate: async ({ repository }, { items }, { other }) => {
    const first = await repository(items).paginate({ limit: Math.max(1, other), orderBy: items.size })
    return [first, await repository(items).paginate({ limit: Math.max(1, other), orderBy: items.size, cursor: first.nextCursor })]
  },
  rolledBack: async ({ db }, { items }, operation) => await db.transaction(async (tx: any) => { await tx.delete(items).where(where(items, operation)); tx.rollback() }),
  transaction: async ({ db }, { lists, items }, operation) => await db.transaction(async (tx: any) => {
    const gone = await tx.delete(items).where(eq(items.listId, operation.id)).returning()
    await tx.insert(lists).values({ id: operation.other, size: operation.size }).onConflictDoNothing()
    return [gone, await tx.$count(lists)]
  })
}

const operation = fc.record<Operation>({
  name: fc.constantFrom(...Object.keys(operations)),
  id: fc.integer({ min: 0, max: 5 }),
  other: fc.integer({ min: 0, max: 5 }),
  size: fc.integer({ min: 0, max: 4 }),
  word: fc.constantFrom('', 'x', "it's", '"; --', 'ü'),
  where: fc.nat({ max: conditions.length - 1 })
})
const setup = fc.record<Setup>({ owners: fc.constantFrom(...ownerships), ownerType: fc.constantFrom('text', 'uuid', 'integer'), ownerColumn: fc.constantFrom('user_id', 'owner', 'Account Id'), ownedReference: fc.boolean() })

// Chance may draw no run in which one of them works.
const eachOnce = Object.keys(operations).map((name, index): Operation => ({ name, id: 2 * index, other: 2 * index + 1, size: 1, word: 'x', where: 0 }))

let runs = 0

// What the scopes of the two callers are made with.
function scopesOf ({ owners, ownerType, ownerColumn }: Setup, { items, lists }: Tables, rowLevelSecurity: boolean): { options: ScopeOptions, callers: Array<string | ScopeCaller> } {
  const [first, second] = users[ownerType] as [string, string]
  if (owners === 'user') return { options: { ownerColumn, rowLevelSecurity }, callers: [first, second] }
  const organization = { column: 'org_id', ...owners === 'authored' && { authored: [items, lists] } }
  const options = { ownerColumn, organization, rowLevelSecurity }
  if (owners === 'both, in one organization') return { options, callers: [first, second].map((userId) => ({ userId, organizationId: 'x' })) }
  if (owners !== 'organization') return { options, callers: ['x', 'y'].map((organizationId) => ({ userId: first, organizationId })) }
  return {
    // The policies of the column are those of a user's.
    options: { ownerColumn: 'member_id', organization: { column: ownerColumn, setting: 'app.user_id' }, rowLevelSecurity: rowLevelSecurity && { setting: 'app.member_id' } },
    callers: [first, second].map((organizationId) => ({ userId: 'member', organizationId }))
  }
}

// Everything one user sees, when these operations run at once with those of the other.
async function observe ({ admin, options }: Place, client: Sql, chosen: Setup, plans: Array<Operation[] | undefined>): Promise<string[][]> {
  const tables = tablesOf(`run_${++runs}`, chosen)
  await admin.unsafe(tables.create)
  const { options: scoped, callers } = scopesOf(chosen, tables, options.rowLevelSecurity === true)
  if (options.rowLevelSecurity === true) await admin.unsafe(policiesOf(tables.schema, chosen.ownerColumn, chosen.owners === 'organization' ? undefined : scoped.organization as OrganizationOptions))
  const db = drizzle(client, { schema: tables.schema })
  return await Promise.all(plans.map(async (plan, user) => {
    const scope: Scope = userScope(db, callers[user]!, scoped)
    const seen: string[] = []
    for (const step of plan ?? []) {
      const answer = await Promise.resolve().then(() => operations[step.name]!(scope, tables, step)).catch((error) => error)
      seen.push(`${step.name}: ${describe(answer)}`)
    }
    for (const table of [tables.lists, tables.items]) seen.push(describe(await scope.db.select().from(table)))
    return seen
  }))
}

function describe (answer: unknown): string {
  if (answer instanceof Error) return (answer.cause as { code?: string } | undefined)?.code ?? answer.name
  return Array.isArray(answer) ? JSON.stringify(answer.map((row) => JSON.stringify(row)).sort()) : JSON.stringify(answer)
}

for (const setting of layers) {
  t.test(`${setting.name}: what a user sees with another one active is what that user sees alone`, async (t) => {
    const place = await startPlace(t, setting)
    const client = postgresJs(place.url, { max: 4, onnotice: () => {} })
    t.teardown(() => client.end())
    const tried = new Set<string>()
    const failed = new Set<string>()
    await fc.assert(fc.asyncProperty(setup, fc.array(operation, { minLength: 8, maxLength: 30 }), fc.array(operation, { minLength: 8, maxLength: 30 }), async (chosen, first, second) => {
      strangers = users[chosen.ownerType][1]!
      const [aAmongOthers, bAmongOthers] = await observe(place, client, chosen, [first, second])
      const [aAlone] = await observe(place, client, chosen, [first, undefined])
      const [, bAlone] = await observe(place, client, chosen, [undefined, second])
      for (const seen of aAlone!) {
        const [name, answer] = seen.split(': ')
        if (answer !== undefined) (/^"?[0-9A-Z]{5}$|Error/.test(answer) ? failed : tried).add(`${name}, ${chosen.owners}`)
      }
      assert.deepEqual(aAmongOthers, aAlone)
      assert.deepEqual(bAmongOthers, bAlone)
    }), { numRuns: 30, examples: ownerships.map((owners) => [{ owners, ownerType: 'text', ownerColumn: 'user_id', ownedReference: false }, eachOnce, eachOnce]) })
    const wanted = ownerships.flatMap((owners) => Object.keys(operations).map((name) => `${name}, ${owners}`))
    t.same(wanted.filter((name) => !name.startsWith('rolledBack') && !tried.has(name)), [], `each operation has worked at least once (${failed.size} have failed too)`)
  })
}
