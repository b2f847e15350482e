import { Column, is, Param, SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { columnsOf, tableFacts } from '../drizzle/tables.js'
import { errors } from '../errors.js'

/**
 * A table's column by property name, own properties only.
 * @throws errors.UnknownColumn naming the key, and the property when the key is a column's database name
 */
export function columnAt (table: PgTable, key: string): PgColumn {
  const columns = columnsOf(table)
  if (Object.hasOwn(columns, key)) return columns[key]!
  const property = Object.entries(columns).find(([, column]) => column.name === key)?.[0]
  const hint = property === undefined ? '' : `: its property is "${property}"`
  throw new errors.UnknownColumn(`"${key}" is no column of "${tableFacts(table).name}"${hint}`)
}

/** The rows of an insert as parameters of their columns, without anything inherited. */
export function bindRows (table: PgTable, rows: unknown[]): Array<Record<string, unknown>> {
  if (rows.length === 0) throw new errors.InvalidArgument('An insert takes at least one row')
  return rows.map((row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      throw new errors.InvalidArgument('An insert takes objects as rows')
    }
    return Object.fromEntries(Object.entries(row).map(([key, value]) => {
      const column = columnAt(table, key)
      return [key, is(value, SQL) || is(value, Param) ? value : new Param(value, column)]
    }))
  })
}

/**
 * The values of an update as parameters of their columns; what is `undefined` is left as it is.
 * @throws errors.UnknownColumn for a key that is no column
 * @throws errors.InvalidArgument when nothing is left to set
 */
export function bindSet (table: PgTable, values: unknown): Record<string, unknown> {
  const entries = Object.entries(values ?? {}).filter(
    ([key, value]) => columnAt(table, key) !== undefined && value !== undefined
  )
  if (entries.length === 0) throw new errors.InvalidArgument('An update needs a value for at least one column')
  return Object.fromEntries(entries.map(([key, value]) => {
    const isBound = is(value, SQL) || is(value, Column) || is(value, Param)
    return [key, isBound ? value : new Param(value, columnAt(table, key))]
  }))
}
