import { sql, type SQL } from 'drizzle-orm'
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { Slice } from './chunks.js'
import type { DialectInternals } from '../drizzle/internals.js'
import type { OwnedTables } from './owned-tables.js'
import { refuse } from './refusals.js'
import { castTypeOf, columnsOf, tableFacts } from '../drizzle/tables.js'

/** A foreign key to an owned table that does not carry the owner: nothing in the database keeps it on the user's rows. */
export interface Reference {
  /** Property names of the columns that point, and the columns they point at. */
  columns: Array<{ key: string, column: PgColumn, parent: PgColumn }>
  table: PgTable
  owner: PgColumn
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
    const parent = tables.ownerOf(foreignTable as PgTable)
    if (parent === undefined || own.kind !== 'owned') return []
    const carriesOwner = columns.some((column, index) => column.name === own.column.name && foreignColumns[index]!.name === parent.column.name)
    if (carriesOwner) return []
    const entries = Object.entries(columnsOf(table))
    return {
      columns: columns.map(({ name }, index) => {
        const [key, column] = entries.find(([, candidate]) => candidate.name === name)!
        return { key, column, parent: foreignColumns[index]! }
      }),
      table: foreignTable as PgTable,
      owner: parent.column
    }
  })
}

/**
 * The value of the reference's column at `index`, or a failing cast when the row it points at is not the user's; NULL points
 * nowhere, as in PostgreSQL's own `match simple`.
 * @param values what is written to each column of the reference
 */
export function checkedReference (dialect: DialectInternals, { columns, table, owner }: Reference, index: number, values: unknown[]): SQL {
  const { schema, name } = tableFacts(table)
  const given = columns.map((_column, position) => sql`"given".${sql.identifier(`v${position}`)}`)
  const list = columns.map(({ column }, position) => sql`cast(${values[position]} as ${castTypeOf(column)}) as ${sql.identifier(`v${position}`)}`)
  const empty = sql.join(given.map((value) => sql`${value} is null`), sql` or `)
  const match = sql.join(columns.map(({ parent }, position) => sql`"parent".${sql.identifier(dialect.casing.getColumnCasing(parent))} = ${given[position]}`), sql` and `)
  return sql`(select case when ${empty} then ${given[index]} else coalesce((select ${given[index]} from ${new Slice(schema, name, 'parent', owner)} where ${match}), ${refuse('FAI_FOREIGN_REFERENCE', castTypeOf(columns[index]!.column))}) end from (select ${sql.join(list, sql`, `)}) "given")`
}
