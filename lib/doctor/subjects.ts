import type { Column } from 'drizzle-orm'
import { betterAuthTable } from './better-auth-shapes.js'
import type { Examined, Rules, Subject } from './examined.js'
import type { DatabaseFacts, TableFacts } from './facts.js'
import type { PluginOptions } from './plugin-options.js'
import type { Declared } from './schema-facts.js'
import { asUsage, UsageError } from './usage-error.js'

/** A table object of the schema with what was read from it. */
export interface DeclaredTable {
  source: Declared
  facts: TableFacts
}

/** What decides which tables are looked at, and how requests may use them. */
export interface Ownership {
  ownerColumn: PluginOptions['ownerColumn']
  /** Keys of tables. */
  sharedTables: string[]
  columnName: (column: Column) => string
}

/**
 * Each table once: those of the schema, as the database has them where it does; without a schema, all of the database.
 * @throws UsageError when a shared table is in neither
 */
export function subjectsOf (
  declared: DeclaredTable[] | undefined, database: DatabaseFacts | undefined, ownership: Ownership, createOwnedTables: Rules['createOwnedTables']
): Subject[] {
  const found = new Map((database?.tables ?? []).map((table) => [table.key, table]))
  const owners = declared === undefined ? undefined : declaredOwners(declared, ownership, createOwnedTables)
  const tables = declared?.map(({ facts }) => found.get(facts.key) ?? facts) ?? [...found.values()]
  const shared = new Set(ownership.sharedTables)
  for (const key of shared) {
    if (tables.length > 0 && !tables.some((table) => table.key === key)) throw new UsageError(`${key} is named as a shared table, and there is no such table; the tables are ${tables.map((table) => table.key).join(', ')}`)
  }
  return tables.map((table) => ({
    ...table,
    owner: owners === undefined ? table.columns.find(({ name }) => name === ownership.ownerColumn)?.name : owners.get(table.key),
    shared: shared.has(table.key),
    betterAuth: betterAuthTable(table) !== undefined
  }))
}

/** The schema's owner columns, by the very rule that request.db goes by. */
function declaredOwners (declared: DeclaredTable[], { ownerColumn, columnName }: Ownership, createOwnedTables: Rules['createOwnedTables']): Map<string, string> {
  const rule = asUsage(() => createOwnedTables({ ownerColumn, sharedTables: [] }, columnName))
  return new Map(declared.flatMap(({ source, facts }) => {
    const owner = asUsage(() => rule.ownerOf(source))
    return owner === undefined ? [] : [[facts.key, columnName(owner.column)]]
  }))
}

/** The type of Better Auth's user ids where its table is known; else `text`. */
export function userIdTypeOf (tables: TableFacts[]): Examined['userIdType'] {
  const type = tables.find((table) => betterAuthTable(table) === 'user')?.columns.find(({ name }) => name === 'id')?.type ?? 'text'
  return type.startsWith('character') ? 'text' : type
}
