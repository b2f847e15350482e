import { is, Param, SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { isWord } from '../drizzle/pieces.js'
import { columnsOf } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import { columnAt } from './bound-values.js'
import { Fragment } from './chunks.js'
import { assertNotGenerated } from './generated-columns.js'
import type { OwnedTables } from './owned-tables.js'
import type { Owner, OwnedTable } from './owners.js'
import type { OwnerValues } from './parameters.js'
import { checkedReference, referencesOf } from './references.js'

/** What is asked of the dialect that a write is built for. */
export interface WritingDialect {
  readonly caller: OwnerValues
  readonly tables: OwnedTables
  columnName (column: PgColumn): string
}

/** `"column" = value, …` for an update, the columns that set themselves on update included. */
export function buildSet (
  dialect: WritingDialect, table: PgTable, set: Record<string, unknown>, owned: OwnedTable
): SQL {
  assertOwnersOfSet(dialect, table, set, owned)
  assertNotGenerated(table, set)
  const values = new Map<string, unknown>()
  for (const [key, column] of Object.entries(columnsOf(table))) {
    let value = Object.hasOwn(set, key) ? set[key] : undefined
    if (value === undefined && column.onUpdateFn !== undefined && !isOwnerKey(owned, key)) {
      value = produced(column, column.onUpdateFn())
    }
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

/** Whether the scope alone writes the column of this property. */
export function isOwnerKey ({ written }: OwnedTable, key: string): boolean {
  return written.some((owner) => owner.key === key)
}

/**
 * Lets a row pass whose owners are absent or the caller, under whichever property the table names their columns.
 * @param owners those that the scope writes
 * @throws errors.UnknownColumn for a key that is no column
 * @throws errors.ForeignOwner for another's id, and for SQL or a placeholder, whose value nobody knows yet
 * @throws errors.OrganizationRequired for an organization's id, without an active organization
 */
export function assertOwnersOfRow (
  dialect: WritingDialect, table: PgTable, row: Record<string, unknown>, owners: readonly Owner[]
): void {
  for (const { key, column, owner, given } of ownersIn(dialect, table, row, owners)) {
    const own = dialect.caller[owner.of]
    if (own === null) throw new errors.OrganizationRequired()
    const plain = isPlain(given)
    if (plain && sameId(column, String(given), own as string)) continue
    const whose = owner.of === 'user' ? "the user's own id" : 'the id of the active organization'
    throw new errors.ForeignOwner(
      plain ? undefined : `The owner "${key}" is written by the scope: leave it out, or give ${whose}`
    )
  }
}

/**
 * The same for values that change rows, where an author is never given: the row may be a colleague's.
 * @throws as {@link assertOwnersOfRow}
 */
export function assertOwnersOfSet (
  dialect: WritingDialect, table: PgTable, set: Record<string, unknown>, { owners, author }: OwnedTable
): void {
  assertOwnersOfRow(dialect, table, set, owners)
  if (author === undefined) return
  const [given] = ownersIn(dialect, table, set, [author])
  if (given === undefined) return
  throw new errors.ForeignOwner(
    `The author "${given.key}" is written when a row is inserted, and never changed: leave it out`
  )
}

// The values that are given for these owners, and all keys that are no column are refused on the way.
function ownersIn (
  dialect: WritingDialect, table: PgTable, row: Record<string, unknown>, owners: readonly Owner[]
): Array<{ key: string, column: PgColumn, owner: Owner, given: unknown }> {
  return Object.entries(row).flatMap(([key, value]) => {
    const column = columnAt(table, key)
    const given = is(value, Param) ? value.value : value
    const owner = owners.find((owner) => {
      return owner.key === key || dialect.columnName(owner.column) === dialect.columnName(column)
    })
    return owner === undefined || given === undefined ? [] : { key, column, owner, given }
  })
}

/** Whether a value under an owner's key is the caller. */
export function isOwn ({ caller }: WritingDialect, { written }: OwnedTable, key: string, given: unknown): boolean {
  const { column, of } = written.find((owner) => owner.key === key)!
  return isPlain(given) && typeof caller[of] === 'string' && sameId(column, String(given), caller[of])
}

function isPlain (given: unknown): given is string | number | bigint {
  return typeof given === 'string' || typeof given === 'number' || typeof given === 'bigint'
}

// PostgreSQL reads a uuid in any case.
function sameId (column: PgColumn, given: string, id: string): boolean {
  return given === id || (column.getSQLType() === 'uuid' && given.toLowerCase() === id.toLowerCase())
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
