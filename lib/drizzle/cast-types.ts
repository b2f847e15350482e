import { is, sql, type SQL } from 'drizzle-orm'
import { PgEnumColumn, PgEnumObjectColumn, type PgColumn } from 'drizzle-orm/pg-core'
import { drizzle } from './version.js'

/**
 * The type to cast a value of this column to: `serial` is only known to a table's definition, and a cast to a length,
 * which `char` alone has too, would cut off what is too long.
 */
export function castTypeOf (column: PgColumn): SQL {
  const { element, depth } = drizzle.elementOf(column)
  const type = element as PgColumn
  if (isEnum(type)) return sql`${type.enum}${sql.raw('[]'.repeat(depth))}`
  return sql.raw(type.getSQLType()
    .replace(/^(small|big)?serial$/, (_, size: string = '') => size === '' ? 'integer' : `${size}int`)
    .replace(/^(varchar|numeric)\s*\(.*\)$/, '$1')
    .replace(/^char(?:\s*\(.*\))?$/, 'bpchar') + '[]'.repeat(depth))
}

/** Whether a column's type is an enum, of a list of words or of an object's. */
export function isEnum (column: object): column is PgEnumColumn<any> {
  return is(column, PgEnumColumn) || is(column, PgEnumObjectColumn)
}

/** The type of a column, arrays included, as a table's definition has it. */
export function sqlTypeOf (column: PgColumn): string {
  const type = column.getSQLType()
  // 1.x says the type of the elements.
  return type.endsWith(']') ? type : type + '[]'.repeat(drizzle.elementOf(column).depth)
}
