import type { Column } from 'drizzle-orm'
import * as casings from 'drizzle-orm/casing'

/** `casing` of the app's `drizzle()`. */
export type CasingName = 'snake_case' | 'camelCase' | undefined

/** The database name of a column, under the app's `casing`; in 1.x it is final when the table is made. */
export function createColumnNames (casing: CasingName): (column: Column) => string {
  if (!('CasingCache' in casings)) return (column) => column.name
  const cache = new casings.CasingCache(casing)
  return (column) => cache.getColumnCasing(column)
}
