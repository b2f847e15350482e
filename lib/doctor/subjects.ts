import type { Column } from 'drizzle-orm'
import { betterAuthTables } from './better-auth-schema.js'
import type { Rules, Subject } from './check.js'
import type { DatabaseFacts, TableFacts } from './facts.js'
import type { PluginOptions } from './plugin-options.js'
import type { Declared } from './schema-facts.js'
import { asUsage, UsageError } from './command-line.js'

/** A table object of the schema with what was read from it. */
export interface DeclaredTable {
  source: Declared
  facts: TableFacts
}

/** Which tables are owned, and which are shared. */
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
  declared: DeclaredTable[] | undefined,
  database: DatabaseFacts | undefined,
  ownership: Ownership,
  ownerOf: Rules['ownerOf']
): Subject[] {
  const found = new Map((database?.tables ?? []).map((table) => [table.key, table]))
  const owners = declared === undefined ? undefined : declaredOwners(declared, ownership, ownerOf)
  const tables = declared?.map(({ facts }) => found.get(facts.key) ?? facts) ?? [...found.values()]
  const shared = new Set(ownership.sharedTables)
  for (const key of shared) {
    if (tables.length === 0 || tables.some((table) => table.key === key)) continue
    const names = tables.map((table) => table.key).join(', ')
    throw new UsageError(`The shared table ${key} does not exist; the tables are ${names}`)
  }
  const betterAuth = betterAuthTables(tables)
  return tables.map((table) => ({
    ...table,
    owner:
      owners === undefined
        ? table.columns.find(({ name }) => name === ownership.ownerColumn)?.name
        : owners.get(table.key),
    shared: shared.has(table.key),
    betterAuth: betterAuth.has(table.key)
  }))
}

/** The schema's owner columns, by the very rule that request.db goes by. */
function declaredOwners (
  declared: DeclaredTable[],
  { ownerColumn, columnName }: Ownership,
  ownerOf: Rules['ownerOf']
): Map<string, string> {
  return new Map(
    declared.flatMap(({ source, facts }) => {
      const owner = asUsage(() => ownerOf(source, ownerColumn, columnName))
      return owner === undefined ? [] : [[facts.key, columnName(owner)]]
    })
  )
}

/** The type of Better Auth's user ids where its table is known. */
export function userIdTypeOf (tables: TableFacts[]): string | undefined {
  const models = betterAuthTables(tables)
  const type = tables.find(({ key }) => models.get(key) === 'user')?.columns.find(({ name }) => name === 'id')?.type
  return type?.startsWith('character') === true ? 'text' : type
}
