import { Column, is, SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { textOf } from '../drizzle/pieces.js'

/** What rows are ordered by: columns, plain or in `asc()` or `desc()`, or fragments. */
export type OrderBy = PgColumn | SQL | Array<PgColumn | SQL>

/** One column of an order and its direction. */
export interface OrderedColumn { column: PgColumn, direction: 'asc' | 'desc' }

/**
 * The columns of an order, `column`, `asc(column)` or `desc(column)`; `undefined` when there is anything else in it.
 */
export function orderedColumns (orderBy: OrderBy | undefined): OrderedColumn[] | undefined {
  const ordered: OrderedColumn[] = []
  for (const item of orderBy === undefined ? [] : toList(orderBy)) {
    const plain = is(item, Column) ? { column: item as PgColumn, direction: 'asc' as const } : directed(item)
    if (plain === undefined) return undefined
    ordered.push(plain)
  }
  return ordered
}

function directed (item: SQL): OrderedColumn | undefined {
  if (!is(item, SQL)) return undefined
  // 0.45 has an empty text before the column.
  const [column, after, ...rest] = item.queryChunks.filter((chunk) => textOf(chunk) !== '')
  if (rest.length > 0 || !is(column, Column)) return undefined
  const direction = textOf(after)?.trim()
  return direction === 'asc' || direction === 'desc' ? { column: column as PgColumn, direction } : undefined
}

/** One or several, as a list. */
export function toList<T> (value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value]
}
