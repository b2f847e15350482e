import { is, type Column, type View } from 'drizzle-orm'
import { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { qualified } from '../internal/sql-names.js'
import type { SharedTable } from '../options.js'
import type { ParsedScopeOptions } from './scope-options.js'
import { tableFacts, viewFacts } from '../drizzle/tables.js'

/** The owner column of a table, and its property name. */
export interface Owner { column: PgColumn, key: string }

/** How requests may use a table: their own rows through its owner column, or all rows read-only. */
export type Ownership = ({ kind: 'owned' } & Owner) | { kind: 'shared' }

/** Answers for each table, view or alias of one, how requests may use it. */
export interface OwnedTables {
  /** @throws errors.UnownedTable when it is neither owned nor shared */
  ownershipOf (source: PgTable | View): Ownership
  /** The owner column, or `undefined` for a table without one. */
  ownerOf (source: PgTable | View): Owner | undefined
}

/**
 * Compiles `ownerColumn` and `sharedTables` into one answer a table.
 * @param columnName the database name of a column, under the database's `casing`
 * @param schema the tables the database knows, so that `ownerColumn` is asked about a table and not about its alias
 * @throws {TypeError} when a shared table has an owner column, under whichever object
 */
export function createOwnedTables (
  { ownerColumn, sharedTables }: Pick<ParsedScopeOptions, 'ownerColumn' | 'sharedTables'>,
  columnName: (column: Column) => string,
  schema: PgTable[] = []
): OwnedTables {
  const shared = new Set(sharedTables.map(realName))
  const known = new WeakMap<object, Ownership>()
  const originals = new Map(schema.map((table) => [tableFacts(table).identity, table]))

  function findOwner (source: PgTable | View): Owner | undefined {
    const columns = is(source, PgTable) ? tableFacts(source).columns : viewFacts(source).selectedFields
    for (const [key, column] of Object.entries(columns)) {
      if (!is(column, PgColumn)) continue
      if (typeof ownerColumn === 'string' ? columnName(column) === ownerColumn : isOwner(column, source)) {
        return { column, key }
      }
    }
  }

  function isOwner (column: PgColumn, source: PgTable | View): boolean {
    const original = is(source, PgTable) ? originals.get(tableFacts(source).identity) ?? source : source
    const owner = (ownerColumn as (table: PgTable) => PgColumn | undefined)(original as PgTable)
    if (owner === undefined) return false
    if (!is(owner, PgColumn)) {
      throw new TypeError(
        `"ownerColumn" must answer a column or undefined, for ${realName(source)} it answered ${typeof owner}`
      )
    }
    return columnName(owner) === columnName(column) && realName(owner.table) === realName(source)
  }

  // The objects of the schema too: one of the same table may leave its owner column out.
  const declared = schema.filter((table) => shared.has(realName(table)))
  for (const table of [...sharedTables, ...declared]) {
    if (findOwner(table) !== undefined) {
      throw new TypeError(
        `${realName(table)} is in sharedTables, but it has an owner column: shared, it would show every user's rows. ` +
        'Take it out of sharedTables'
      )
    }
  }

  return {
    ownerOf: findOwner,
    ownershipOf (source) {
      const identity = is(source, PgTable) ? tableFacts(source).identity : source
      let ownership = known.get(identity)
      if (ownership === undefined) {
        const owner = findOwner(source)
        if (owner !== undefined) ownership = { kind: 'owned', ...owner }
        else if (shared.has(realName(source))) ownership = { kind: 'shared' }
        else throw new errors.UnownedTable(unownedMessage(source, ownerColumn))
        known.set(identity, ownership)
      }
      return ownership
    }
  }
}

function unownedMessage (source: PgTable | View, ownerColumn: ParsedScopeOptions['ownerColumn']): string {
  const owner = typeof ownerColumn === 'string' ? `no column "${ownerColumn}"` : 'no owner column'
  return `${realName(source)} has ${owner} and is not in sharedTables, so request.db does not reach it: ` +
    'give it an owner column, or list it in sharedTables'
}

/**
 * Schema and name in the database, whatever the object or its alias is called. A table without a schema is written
 * without one and found by PostgreSQL along the `search_path`; Drizzle takes it for one of `public`, which cannot be
 * named as a schema.
 */
export function realName (source: PgTable | View | SharedTable | Column['table']): string {
  const { schema, name } = is(source, PgTable) ? tableFacts(source) : viewFacts(source)
  return qualified(schema ?? 'public', name)
}
