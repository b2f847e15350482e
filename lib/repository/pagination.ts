import { createHash } from 'node:crypto'
import { and, asc, desc, or, sql, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { rootCause } from '../internal/root-cause.js'
import { orderedColumns, type OrderBy, type OrderedColumn } from './order.js'
import { castTypeOf } from '../drizzle/cast-types.js'
import { columnsOf, tableAliasOf, tableFacts } from '../drizzle/tables.js'

// PostgreSQL's own words for a value that its type cannot read.
const unreadable = new Set(['22P02', '22003', '22007', '22008', '22021'])

/** The order of a page with the primary key behind it, so that no two rows stand in the same place. */
export class PageOrder {
  readonly #columns: OrderedColumn[]
  readonly #fingerprint: string

  /**
   * @param owners whose rows the pages are of: a cursor is for them alone
   * @throws errors.InvalidArgument when the order holds anything but the table's columns
   */
  constructor (
    table: PgTable, orderBy: OrderBy | undefined, id: Array<OrderedColumn['column']>, owners: unknown[] = []
  ) {
    const { name } = tableFacts(table)
    const ordered = orderedColumns(orderBy)
    const own = new Set(Object.values(columnsOf(table)).map((column) => column.name))
    if (ordered === undefined || ordered.some(({ column }) => tableAliasOf(column) !== name || !own.has(column.name))) {
      throw new errors.InvalidArgument(`paginate orders by columns of "${name}", plain or in asc() or desc()`)
    }
    if (id.length === 0) {
      throw new errors.Unsupported(`"${name}" has no primary key, and paginate needs one to tell rows apart`)
    }
    const direction = ordered.at(-1)?.direction ?? 'asc'
    const named = new Set(ordered.map(({ column }) => column.name))
    const rest = id.filter((column) => !named.has(column.name))
    this.#columns = [...ordered, ...rest.map((column) => ({ column, direction }))]
    this.#fingerprint = createHash('sha256')
      .update(JSON.stringify([name, this.#columns.map(({ column, direction }) => [column.name, direction]), owners]))
      .digest('base64url').slice(0, 11)
  }

  get orderBy (): SQL[] {
    return this.#columns.map(({ column, direction }) => direction === 'asc' ? asc(column) : desc(column))
  }

  /** The place of a row as PostgreSQL writes it, since a `Date` has lost its microseconds. */
  get placeFields (): Record<string, SQL> {
    return Object.fromEntries(this.#columns.map(({ column }, index) => [placeKey(index), sql`cast(${column} as text)`]))
  }

  /** Takes the place out of a selected row and writes it as a cursor. */
  cursorAfter (row: Record<string, unknown>): string {
    return Buffer.from(
      JSON.stringify([this.#fingerprint, ...this.#columns.map((_column, index) => row[placeKey(index)])])
    ).toString('base64url')
  }

  withoutPlace (row: Record<string, unknown>): Record<string, unknown> {
    const item = { ...row }
    this.#columns.forEach((_column, index) => delete item[placeKey(index)])
    return item
  }

  /**
   * The condition for all rows behind the cursor's place.
   * @throws errors.InvalidCursor when the cursor was not issued for this table, order and owners
   */
  after (cursor: string): SQL {
    const place = this.#read(cursor)
    const conditions = this.#columns.map((ordered, index) => and(
      ...this.#columns.slice(0, index).map(
        ({ column }, before) => place[before] === null
          ? sql`${column} is null`
          : sql`${column} = ${valueOf(column, place[before]!)}`
      ),
      behind(ordered, place[index]!)
    ))
    return or(...conditions)!
  }

  #read (cursor: string): Array<string | null> {
    let parts: unknown
    try {
      parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    } catch {
      throw new errors.InvalidCursor()
    }
    const [fingerprint, ...place] = Array.isArray(parts) ? parts : []
    const fits = fingerprint === this.#fingerprint && place.length === this.#columns.length &&
      place.every(
        (value, index) => typeof value === 'string' || (value === null && !this.#columns[index]!.column.notNull)
      )
    if (!fits) throw new errors.InvalidCursor()
    return place
  }
}

/** Runs a page; a cursor whose values PostgreSQL cannot read was not issued here. */
export async function asPage<T> (run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    const { code } = rootCause(error)
    if (typeof code === 'string' && unreadable.has(code)) throw new errors.InvalidCursor(undefined, { cause: error })
    throw error
  }
}

function placeKey (index: number): string {
  return `place ${index}`
}

// Bound as text, so that every driver sends what PostgreSQL wrote.
function valueOf (column: OrderedColumn['column'], text: string): SQL {
  return sql`cast(cast(${text} as text) as ${castTypeOf(column)})`
}

// PostgreSQL puts NULL last ascending and first descending.
function behind ({ column, direction }: OrderedColumn, value: string | null): SQL {
  if (direction === 'asc') {
    if (value === null) return sql`false`
    return column.notNull
      ? sql`${column} > ${valueOf(column, value)}`
      : sql`(${column} > ${valueOf(column, value)} or ${column} is null)`
  }
  return value === null ? sql`${column} is not null` : sql`${column} < ${valueOf(column, value)}`
}
