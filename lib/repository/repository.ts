import { and, Column, eq, is, SQL, sql, StringChunk } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { ScopedDatabase } from './database.js'
import type { ScopedDialect } from './dialect.js'
import { columnsOf } from './drizzle-internals.js'
import { encode } from './render.js'
import type { ScopedSession } from './session.js'
import type { OrderedColumn, TableShapes } from './table-shapes.js'
import { assertMine, columnAt, isGenerated } from './written-values.js'

type Row = Record<string, unknown>
type OrderBy = PgColumn | SQL | Array<PgColumn | SQL>

export interface FindOptions {
  where?: SQL
  orderBy?: OrderBy
  limit?: number
  offset?: number
  columns?: Record<string, boolean | undefined>
}

/** CRUD over the rows of one table that are one user's. Its types are in `scoped-types.ts`. */
export class Repository {
  readonly #table: PgTable
  readonly #db: ScopedDatabase
  readonly #dialect: ScopedDialect
  readonly #session: ScopedSession
  readonly #shapes: TableShapes

  constructor (table: PgTable, db: ScopedDatabase, dialect: ScopedDialect, session: ScopedSession) {
    this.#table = table
    this.#db = db
    this.#dialect = dialect
    this.#session = session
    this.#shapes = session.statements.shapesOf(table)
  }

  async findMany (options: FindOptions = {}): Promise<Row[]> {
    const limit = amount('limit', options.limit)
    const offset = amount('offset', options.offset)
    const keys = this.#selectedKeys(options.columns)
    const order = plainOrder(options.orderBy)
    if (options.where === undefined && order !== undefined) {
      const shape = this.#shapes.findMany(keys, order, limit !== undefined, offset !== undefined)
      return await shape.run(this.#session, { me: this.#session.userId, limit, offset })
    }
    const query = this.#db.select(this.#shapes.fields(keys)).from(this.#table).where(options.where).$dynamic()
    if (options.orderBy !== undefined) query.orderBy(...toList(options.orderBy))
    if (limit !== undefined) query.limit(limit)
    if (offset !== undefined) query.offset(offset)
    return await query as Row[]
  }

  async findFirst (options: Omit<FindOptions, 'limit'> = {}): Promise<Row | undefined> {
    const [row] = await this.findMany({ ...options, limit: 1 })
    return row
  }

  async findById (id: unknown): Promise<Row | undefined> {
    const [row] = await this.#shapes.findById().run(this.#session, this.#idValues(id))
    return row
  }

  async getById (id: unknown): Promise<Row> {
    const row = await this.findById(id)
    if (row === undefined) throw new errors.NotFound()
    return row
  }

  async count (where?: SQL): Promise<number> {
    if (where !== undefined) return await this.#db.$count(this.#table, where)
    const [row] = await this.#shapes.count().run(this.#session, { me: this.#session.userId })
    return row!.count as number
  }

  async exists (where?: SQL): Promise<boolean> {
    const rows = await this.#db.select({ one: sql`1` }).from(this.#table).where(where).limit(1)
    return rows.length > 0
  }

  async insert (values: Row | Row[]): Promise<Row | Row[]> {
    if (Array.isArray(values)) return values.length === 0 ? [] : await this.#insertBuilder(values)
    const entries = this.#insertValues(values)
    if (entries === undefined) return (await this.#insertBuilder([values]))[0]!
    const [row] = await this.#shapes.insert(Object.keys(entries)).run(this.#session, this.#placeholders(entries))
    return row!
  }

  async upsert (values: Row, { target, set }: { target: PgColumn | PgColumn[], set?: Row }): Promise<Row> {
    const targets = toList(target)
    const [row] = await this.#db.insert(this.#table).values(values)
      .onConflictDoUpdate({ target: targets, set: set ?? this.#proposed(values, targets) })
      .returning()
    if (row === undefined) throw new errors.Conflict()
    return row
  }

  async updateById (id: unknown, patch: Row): Promise<Row | undefined> {
    const given = this.#given(patch)
    if (Object.keys(given).length === 0) return await this.findById(id)
    const entries = this.#encodeAll({ ...this.#onUpdate(given), ...given })
    if (entries === undefined) {
      const [row] = await this.update(this.#idCondition(id), patch)
      return row
    }
    const [row] = await this.#shapes.updateById(Object.keys(entries)).run(this.#session, { ...this.#placeholders(entries), ...this.#idValues(id) })
    return row
  }

  async update (where: SQL, patch: Row): Promise<Row[]> {
    if (where === undefined) throw new errors.MissingCondition()
    return await this.#db.update(this.#table).set(this.#given(patch)).where(where).returning() as Row[]
  }

  async deleteById (id: unknown): Promise<Row | undefined> {
    const [row] = await this.#shapes.deleteById().run(this.#session, this.#idValues(id))
    return row
  }

  async delete (where: SQL): Promise<Row[]> {
    if (where === undefined) throw new errors.MissingCondition()
    return await this.#db.delete(this.#table).where(where).returning() as Row[]
  }

  async #insertBuilder (values: Row[]): Promise<Row[]> {
    return await this.#db.insert(this.#table).values(values).returning()
  }

  #selectedKeys (columns: FindOptions['columns']): string[] | undefined {
    if (columns === undefined) return undefined
    const named = Object.entries(columns).filter(([, wanted]) => wanted !== undefined)
    for (const [key] of named) columnAt(this.#table, key)
    const wanted = named.filter(([, want]) => want).map(([key]) => key)
    if (wanted.length > 0) return wanted
    const left = Object.keys(columnsOf(this.#table)).filter((key) => columns[key] !== false)
    if (left.length === 0) throw new errors.InvalidArgument('"columns" leaves no column to select')
    return left
  }

  #idEntries (id: unknown): Array<[PgColumn, unknown]> {
    const columns = this.#shapes.id
    const single = columns.length === 1 && (typeof id !== 'object' || id === null || id instanceof Date)
    const values = single ? { [columns[0]![0]]: id } : id as Row | null | undefined
    return columns.map(([key, column]) => {
      const value = typeof values === 'object' && values !== null && Object.hasOwn(values, key) ? values[key] : undefined
      if (value === undefined || value === null || is(value, SQL)) throw new errors.InvalidArgument(`The id needs a value for "${key}"`)
      return [column, value]
    })
  }

  #idValues (id: unknown): Row {
    const values: Row = { me: this.#session.userId }
    this.#idEntries(id).forEach(([column, value], index) => { values[`id${index}`] = encode(column, value) })
    return values
  }

  #idCondition (id: unknown): SQL {
    return and(...this.#idEntries(id).map(([column, value]) => eq(column, value)))!
  }

  // The given values of a patch or a row: own keys that are columns, the owner checked.
  #given (values: Row): Row {
    if (typeof values !== 'object' || values === null || Array.isArray(values)) throw new errors.InvalidArgument('The values of a row are an object')
    const given = Object.fromEntries(Object.entries(values).filter(([key, value]) => {
      columnAt(this.#table, key)
      return value !== undefined
    }))
    assertMine(this.#dialect, { key: this.#shapes.ownerKey, column: this.#shapes.owner }, given[this.#shapes.ownerKey])
    return given
  }

  #onUpdate (given: Row): Row {
    return Object.fromEntries(Object.entries(columnsOf(this.#table))
      .filter(([key, column]) => column.onUpdateFn !== undefined && !Object.hasOwn(given, key))
      .map(([key, column]) => [key, column.onUpdateFn!()]))
  }

  // The encoded values of one row; undefined when one of them is SQL and the text is not a fixed one.
  #insertValues (values: Row): Row | undefined {
    const given = this.#given(values)
    const row: Row = {}
    for (const [key, column] of Object.entries(columnsOf(this.#table))) {
      if (key === this.#shapes.ownerKey || isGenerated(column)) continue
      const value = Object.hasOwn(given, key) ? given[key] : column.defaultFn?.() ?? (column.default === undefined ? column.onUpdateFn?.() : undefined)
      if (value !== undefined) row[key] = value
    }
    return this.#encodeAll(row)
  }

  #encodeAll (values: Row): Row | undefined {
    const columns = columnsOf(this.#table)
    const encoded: Row = {}
    for (const [key, value] of Object.entries(values)) {
      if (is(value, SQL) || is(value, Column)) return undefined
      const driverValue = encode(columns[key]!, value)
      if (is(driverValue, SQL)) return undefined
      encoded[key] = driverValue
    }
    return encoded
  }

  #placeholders (entries: Row): Row {
    const values: Row = { me: this.#session.userId }
    for (const [key, value] of Object.entries(entries)) values[`value ${key}`] = value
    return values
  }

  // Without a `set` an upsert writes what was proposed for every column that is not in the target.
  #proposed (values: Row, target: PgColumn[]): Row {
    const names = new Set(target.map((column) => column.name))
    const given = Object.entries(this.#given(values)).filter(([key]) => key !== this.#shapes.ownerKey && !names.has(columnAt(this.#table, key).name))
    if (given.length > 0) return Object.fromEntries(given)
    const [key, column] = Object.entries(columnsOf(this.#table)).find(([, candidate]) => names.has(candidate.name))!
    return { [key]: sql`${column}` }
  }
}

function toList<T> (value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value]
}

function amount (name: string, value: number | undefined): number | undefined {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0)) {
    throw new errors.InvalidArgument(`"${name}" is a whole number from 0, got ${String(value)}`)
  }
  return value
}

/** An order of plain columns, whose text is a fixed one; undefined for any other. */
function plainOrder (orderBy: OrderBy | undefined): OrderedColumn[] | undefined {
  const ordered: OrderedColumn[] = []
  for (const item of orderBy === undefined ? [] : toList(orderBy)) {
    const plain = is(item, Column) ? { column: item as PgColumn, direction: 'asc' as const } : directed(item)
    if (plain === undefined) return undefined
    ordered.push(plain)
  }
  return ordered
}

function directed (item: SQL): OrderedColumn | undefined {
  const [before, column, after, ...rest] = item.queryChunks
  if (rest.length > 0 || !is(before, StringChunk) || before.value.join('') !== '' || !is(column, Column) || !is(after, StringChunk)) return undefined
  const direction = after.value.join('').trim()
  return direction === 'asc' || direction === 'desc' ? { column: column as PgColumn, direction } : undefined
}
