import { sql, type SQL } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { castTypeOf, sqlTypeOf } from '../drizzle/cast-types.js'
import { columnsOf } from '../drizzle/tables.js'

/** For a policy: the column holds what the setting says. Where the setting is missing or empty, no row does. */
export function holdsSetting (column: PgColumn, setting: string): SQL {
  // After a transaction a custom setting reads '' and not NULL.
  const id = sql.raw(`nullif(current_setting('${setting}', true), '')`)
  const real = realColumn(column)
  return isText(real) ? sql`${column} = ${id}` : sql`${column} = ${id}::${castTypeOf(real)}`
}

// In the third argument of pgTable a column has no type of its own yet, its table has.
function realColumn (column: PgColumn): PgColumn {
  return Object.values(columnsOf(column.table as PgTable)).find(({ name }) => name === column.name)!
}

// A setting is text already.
function isText (column: PgColumn): boolean {
  return /^(?:text|varchar)\b(?!.*\[)/.test(sqlTypeOf(column))
}
