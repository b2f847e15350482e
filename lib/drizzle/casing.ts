import type { Column, SQL } from 'drizzle-orm'
import * as casings from 'drizzle-orm/casing'
import { PgDialect } from 'drizzle-orm/pg-core'

/** `casing` of the app's `drizzle()`. */
export type CasingName = 'snake_case' | 'camelCase' | undefined

/** The database name of a column, under the app's `casing`; in 1.x it is final when the table is made. */
export function createColumnNames (casing: CasingName): (column: Column) => string {
  if (!('CasingCache' in casings)) return (column) => column.name
  const cache = new casings.CasingCache(casing)
  return (column) => cache.getColumnCasing(column)
}

/** A name under the app's `casing`. */
export function casedName (name: string, casing: CasingName): string {
  if (casing === undefined) return name
  return casing === 'snake_case' ? casings.toSnakeCase(name) : casings.toCamelCase(name)
}

/** SQL as text, its columns named under the app's `casing`. */
export function createSqlTexts (casing: CasingName): (sql: SQL) => string {
  const dialect = new PgDialect({ casing })
  return (sql) => dialect.sqlToQuery(sql).sql
}
