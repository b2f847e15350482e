import { Column, is } from 'drizzle-orm'
import type { SelectedFieldsOrdered } from 'drizzle-orm/pg-core'

export type RowMapper = (rows: unknown[][]) => Array<Record<string, unknown>>

/**
 * Reads rows of one table's columns as Drizzle does, having examined the columns once and not again for each row.
 * @returns `undefined` where Drizzle has more to do: rows inside of rows, as of a join, or fields that are no columns
 */
export function createRowMapper (fields: SelectedFieldsOrdered | undefined): RowMapper | undefined {
  if (fields === undefined) return undefined
  const columns: Array<{ name: string, column: Column }> = []
  for (const { path, field } of fields) {
    if (path.length !== 1 || !is(field, Column)) return undefined
    columns.push({ name: path[0]!, column: field })
  }
  const read = (row: unknown[]): Record<string, unknown> => {
    const result: Record<string, unknown> = {}
    for (let index = 0; index < columns.length; index++) {
      const { name, column } = columns[index]!
      const value = row[index]
      result[name] = value === null ? null : column.mapFromDriverValue(value)
    }
    return result
  }
  return (rows) => {
    const results: Array<Record<string, unknown>> = []
    // Not `map`, which is slow for rows of `postgres`: they are of a class of their own.
    for (let index = 0; index < rows.length; index++) results.push(read(rows[index]!))
    return results
  }
}
