import { and, Column, eq, is, SQL, sql } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { ScopedDialect } from '../scope/dialect.js'
import { encode } from '../scope/encoded-values.js'
import { assertNotGenerated, isComputed } from '../scope/generated-columns.js'
import { columnsOf, tableFacts } from '../drizzle/tables.js'
import { IdParameter, ValueParameter } from '../scope/parameters.js'
import type { CompiledQueries } from './compiled-queries.js'
import { columnAt } from '../scope/bound-values.js'
import { assertOwnersOfRow, assertOwnersOfSet, givesDefault, isOwn, isOwnerKey } from '../scope/written-values.js'

/** A row by property names, before anything is known of its values. */
export type Row = Record<string, unknown>

/** Reads what a caller hands to a repository, ids, rows and patches, into values for its compiled queries. */
export class RowValues {
  readonly #table: PgTable
  readonly #dialect: ScopedDialect
  readonly #queries: CompiledQueries

  constructor (table: PgTable, dialect: ScopedDialect, queries: CompiledQueries) {
    this.#table = table
    this.#dialect = dialect
    this.#queries = queries
  }

  /** The keys of `columns: { … }`, or `undefined` for all columns. */
  selectedKeys (columns: Record<string, boolean | undefined> | undefined): string[] | undefined {
    if (columns === undefined) return undefined
    if (typeof columns !== 'object' || columns === null) {
      throw new errors.InvalidArgument('"columns" is an object of column: true or false')
    }
    const named = Object.entries(columns).filter(([, wanted]) => wanted !== undefined)
    for (const [key] of named) columnAt(this.#table, key)
    const wanted = named.filter(([, want]) => want).map(([key]) => key)
    if (wanted.length > 0) return wanted
    const left = Object.keys(columnsOf(this.#table)).filter((key) => columns[key] !== false)
    if (left.length === 0) throw new errors.InvalidArgument('"columns" leaves no column to select')
    return left
  }

  /** The id, for the parameters of a query by id; `undefined` for one that names another owner. */
  ofId (id: unknown): Row | undefined {
    const values: Row = {}
    this.#idEntries(id).forEach(
      ([column, value], index) => { values[IdParameter.keyOf(index)] = encode(column, value, this.#dialect) }
    )
    return this.#namesAnother(id) ? undefined : values
  }

  #namesAnother (id: unknown): boolean {
    if (typeof id !== 'object' || id === null || id instanceof Date) return false
    for (const [key, value] of Object.entries(id)) {
      if (this.#queries.id.some(([name]) => name === key)) continue
      if (!isOwnerKey(this.#queries.owned, key)) {
        columnAt(this.#table, key)
        const names = this.#queries.id.map(([name]) => `"${name}"`).join(' and ')
        throw new errors.InvalidArgument(`An id of "${tableFacts(this.#table).name}" is ${names}: "${key}" is no part of it`)
      }
      if (!isOwn(this.#dialect, this.#queries.owned, key, value)) return true
    }
    return false
  }

  /** The condition that names one row. */
  idCondition (id: unknown): SQL {
    return and(...this.#idEntries(id).map(([column, value]) => eq(column, value)))!
  }

  /**
   * The defined values among own keys of a new row, without the owners.
   * @throws errors.UnknownColumn for a key that is no column
   * @throws errors.ForeignOwner for another user or organization as the owner
   * @throws errors.InvalidArgument for a column that PostgreSQL alone writes
   */
  ofRow (values: Row): Row {
    assertObject(values)
    assertOwnersOfRow(this.#dialect, this.#table, values, this.#queries.owned.written)
    return this.#given(values)
  }

  /**
   * The same of a patch.
   * @throws errors.ForeignOwner for an author too, which is never changed
   */
  ofPatch (values: Row): Row {
    assertObject(values)
    assertOwnersOfSet(this.#dialect, this.#table, values, this.#queries.owned)
    return this.#given(values)
  }

  #given (values: Row): Row {
    assertNotGenerated(this.#table, values)
    return Object.fromEntries(
      Object.entries(values).filter(([key, value]) => value !== undefined && !isOwnerKey(this.#queries.owned, key))
    )
  }

  /** A whole row to insert, encoded; `undefined` when one value is SQL, so that the text is no fixed one. */
  forInsert (values: Row): Row | undefined {
    const given = this.ofRow(values)
    const row: Row = {}
    for (const [key, column] of Object.entries(columnsOf(this.#table))) {
      if (isOwnerKey(this.#queries.owned, key) || isComputed(column)) continue
      const value = Object.hasOwn(given, key)
        ? given[key]
        : column.defaultFn?.() ?? (givesDefault(column) ? undefined : column.onUpdateFn?.())
      if (value !== undefined) row[key] = value
    }
    return this.#encodeAll(row)
  }

  /** A patch with the columns that set themselves on update, encoded; `undefined` when one value is SQL. */
  forUpdate (given: Row): Row | undefined {
    const row: Row = {}
    for (const [key, column] of Object.entries(columnsOf(this.#table))) {
      if (isOwnerKey(this.#queries.owned, key)) continue
      const value = Object.hasOwn(given, key) ? given[key] : column.onUpdateFn?.()
      if (value !== undefined) row[key] = value
    }
    return this.#encodeAll(row)
  }

  /** Encoded values, for the parameters of a query that writes them. */
  ofValues (encoded: Row): Row {
    const values: Row = {}
    for (const [key, value] of Object.entries(encoded)) values[ValueParameter.keyOf(key)] = value
    return values
  }

  /** What an upsert without `set` writes: the proposed values of every column that is not in the target. */
  proposed (values: Row, target: PgColumn[]): Row {
    const names = new Set(target.map((column) => column.name))
    const given = Object.entries(this.ofRow(values)).filter(([key]) => !names.has(columnAt(this.#table, key).name))
    if (given.length > 0) return Object.fromEntries(given)
    const [key, column] = Object.entries(columnsOf(this.#table)).find(([, candidate]) => names.has(candidate.name))!
    return { [key]: sql`${column}` }
  }

  #idEntries (id: unknown): Array<[PgColumn, unknown]> {
    const columns = this.#queries.id
    const single = columns.length === 1 && (typeof id !== 'object' || id === null || id instanceof Date)
    const values = single ? { [columns[0]![0]]: id } : id as Row | null | undefined
    return columns.map(([key, column]) => {
      const value = typeof values === 'object' && values !== null && Object.hasOwn(values, key)
        ? values[key]
        : undefined
      if (value === undefined || value === null || is(value, SQL)) {
        throw new errors.InvalidArgument(`The id needs a value for "${key}"`)
      }
      return [column, value]
    })
  }

  #encodeAll (values: Row): Row | undefined {
    const columns = columnsOf(this.#table)
    const encoded: Row = {}
    for (const [key, value] of Object.entries(values)) {
      if (is(value, SQL) || is(value, Column)) return undefined
      const driverValue = encode(columns[key]!, value, this.#dialect)
      if (is(driverValue, SQL)) return undefined
      encoded[key] = driverValue
    }
    return encoded
  }
}

function assertObject (values: unknown): void {
  if (typeof values === 'object' && values !== null && !Array.isArray(values)) return
  throw new errors.InvalidArgument('The values of a row are an object')
}
