import { sql, type SQL } from 'drizzle-orm'
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { castTypeOf } from '../drizzle/cast-types.js'
import { columnsOf, tableFacts } from '../drizzle/tables.js'
import { ScopedTable } from './chunks.js'
import type { OwnedTables } from './owned-tables.js'
import type { Owner } from './owners.js'
import { refuse } from './refusals.js'

/**
 * A foreign key to an owned table that does not carry all of its owners: nothing in the database keeps it on the
 * caller's rows.
 */
export interface Reference {
  /** Property names of the columns that point, and the columns they point at. */
  columns: Array<{ key: string, column: PgColumn, parent: PgColumn }>
  table: PgTable
  owners: readonly Owner[]
}

const known = new WeakMap<OwnedTables, WeakMap<object, Reference[]>>()

/** The references of a table that have to be checked when a row is written. */
export function referencesOf (table: PgTable, tables: OwnedTables): Reference[] {
  const { identity } = tableFacts(table)
  const ofTables = known.get(tables) ?? new WeakMap<object, Reference[]>()
  known.set(tables, ofTables)
  const references = ofTables.get(identity) ?? findReferences(table, tables)
  ofTables.set(identity, references)
  return references
}

function findReferences (table: PgTable, tables: OwnedTables): Reference[] {
  const own = tables.ownershipOf(table)
  return getTableConfig(table).foreignKeys.flatMap((foreignKey) => {
    const { columns, foreignColumns, foreignTable } = foreignKey.reference()
    const owners = tables.ownersOf(foreignTable as PgTable)
    if (owners.length === 0 || own.kind !== 'owned') return []
    // An author is not what a row is found by: a colleague who changes it would point at the author's rows.
    const carriesOwners = owners.every((parent) => columns.some((column, index) => {
      return foreignColumns[index]!.name === parent.column.name &&
        own.owners.some((owner) => owner.of === parent.of && owner.column.name === column.name)
    }))
    if (carriesOwners) return []
    const entries = Object.entries(columnsOf(table))
    return {
      columns: columns.map(({ name }, index) => {
        const [key, column] = entries.find(([, candidate]) => candidate.name === name)!
        return { key, column, parent: foreignColumns[index]! }
      }),
      table: foreignTable as PgTable,
      owners
    }
  })
}

/**
 * The value of the reference's column at `index`, or a failing cast when the row it points at is not the caller's; NULL
 * points nowhere, as in PostgreSQL's own `match simple`.
 * @param values what is written to each column of the reference
 */
export function checkedReference (
  dialect: { columnName (column: PgColumn): string },
  { columns, table, owners }: Reference,
  index: number,
  values: unknown[]
): SQL {
  const { schema, name } = tableFacts(table)
  const parents = new ScopedTable(schema, name, 'parent', owners)
  const given = columns.map((_column, position) => sql`"given".${sql.identifier(`v${position}`)}`)
  const list = sql.join(columns.map(({ column }, position) => {
    return sql`cast(${values[position]} as ${castTypeOf(column)}) as ${sql.identifier(`v${position}`)}`
  }), sql`, `)
  const empty = sql.join(given.map((value) => sql`${value} is null`), sql` or `)
  const match = sql.join(columns.map(({ parent }, position) => {
    return sql`"parent".${sql.identifier(dialect.columnName(parent))} = ${given[position]}`
  }), sql` and `)
  const refusal = refuse('FAI_FOREIGN_REFERENCE', castTypeOf(columns[index]!.column))
  const checked = sql`coalesce((select ${given[index]} from ${parents} where ${match}), ${refusal})`
  return sql`(select case when ${empty} then ${given[index]} else ${checked} end from (select ${list}) "given")`
}
