import { is, Param, SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { isWord } from '../drizzle/pieces.js'
import { columnsOf } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import { columnAt } from './bound-values.js'
import { Fragment } from './chunks.js'
import { assertNotGenerated } from './generated-columns.js'
import type { Owner, OwnedTables } from './owned-tables.js'
import type { OwnerParameter } from './parameters.js'
import { checkedReference, referencesOf } from './references.js'

/** What is asked of the dialect that a write is built for. */
export interface WritingDialect {
  readonly userId: string | OwnerParameter
  readonly tables: OwnedTables
  columnName (column: PgColumn): string
}

/** `"column" = value, …` for an update, the columns that set themselves on update included. */
export function buildSet (dialect: WritingDialect, table: PgTable, set: Record<string, unknown>, owner: Owner): SQL {
  assertOwnerOfRow(dialect, table, set, owner)
  assertNotGenerated(table, set)
  const values = new Map<string, unknown>()
  for (const [key, column] of Object.entries(columnsOf(table))) {
    let value = Object.hasOwn(set, key) ? set[key] : undefined
    if (value === undefined && column.onUpdateFn !== undefined) value = produced(column, column.onUpdateFn())
    if (value !== undefined) values.set(key, written(value))
  }
  checkReferences(dialect, table, values, (column) => column)
  return sql.join(
    [...values].map(
      ([key, value]) => sql`${sql.identifier(dialect.columnName(columnAt(table, key)))} = ${value}`
    ), sql`, `
  )
}

/**
 * Replaces the first written column of each reference by one that fails when it points at a row that is not the user's.
 * @param unwritten what stands in the columns of a reference that are not written
 */
export function checkReferences (
  dialect: WritingDialect, table: PgTable, values: Map<string, unknown>, unwritten: (column: PgColumn) => unknown
): void {
  for (const reference of referencesOf(table, dialect.tables)) {
    const resolved = reference.columns.map(({ key, column }) => {
      if (!values.has(key)) return unwritten(column)
      return isDefault(values.get(key)) ? defaultOf(column) : values.get(key)
    })
    const index = reference.columns.findIndex(({ key }) => values.has(key))
    // NULL in one column points nowhere, whatever the others hold.
    if (index === -1 || resolved.some(isNull)) continue
    values.set(reference.columns[index]!.key, checkedReference(dialect, reference, index, resolved))
  }
}

function isNull (value: unknown): boolean {
  return value === null || (is(value, Param) && value.value === null)
}

function isDefault (value: unknown): boolean {
  return value === databaseDefault ||
    (value instanceof Fragment && is(value.piece, SQL) && isWord(value.piece, 'default'))
}

/**
 * Lets a row pass whose owner is absent or the user, under whichever property the table names the column.
 * @throws errors.UnknownColumn for a key that is no column
 * @throws errors.ForeignOwner for another's id, and for SQL or a placeholder, whose value nobody knows yet
 */
export function assertOwnerOfRow (
  dialect: WritingDialect, table: PgTable, row: Record<string, unknown>, owner: Owner
): void {
  const name = dialect.columnName(owner.column)
  for (const [key, value] of Object.entries(row)) {
    const column = columnAt(table, key)
    if (key === owner.key || dialect.columnName(column) === name) assertOwner(dialect, { column, key }, value)
  }
}

function assertOwner (dialect: WritingDialect, { column, key }: Owner, value: unknown): void {
  const given = is(value, Param) ? value.value : value
  if (given === undefined) return
  const plain = typeof given === 'string' || typeof given === 'number' || typeof given === 'bigint'
  if (plain && sameId(column, String(given), dialect.userId as string)) return
  throw new errors.ForeignOwner(
    plain ? undefined : `The owner "${key}" is written by the scope: leave it out, or give the user's own id`
  )
}

// PostgreSQL reads a uuid in any case.
function sameId (column: PgColumn, given: string, userId: string): boolean {
  return given === userId || (column.getSQLType() === 'uuid' && given.toLowerCase() === userId.toLowerCase())
}

/** What an insert writes to a column that is given no value. */
/**
 * Whether an insert without a value leaves the column to its default: one that is falsy gives way to `$onUpdateFn`, as
 * in Drizzle.
 */
export function givesDefault (column: PgColumn): boolean {
  return Boolean(column.default)
}

export function byDefault (column: PgColumn): unknown {
  if (column.defaultFn !== undefined) return written(produced(column, column.defaultFn()))
  if (!givesDefault(column) && column.onUpdateFn !== undefined) return written(produced(column, column.onUpdateFn()))
  return databaseDefault
}

const databaseDefault = sql`default`

/** What PostgreSQL writes by itself, as far as the schema knows. */
export function defaultOf (column: PgColumn): unknown {
  return column.default === undefined ? null : written(produced(column, column.default))
}

function produced (column: PgColumn, value: unknown): unknown {
  return is(value, SQL) ? value : new Param(value, column)
}

/** A value to write; SQL is the caller's. */
export function written (value: unknown): unknown {
  return is(value, SQL) ? new Fragment(value, 'value') : value
}
