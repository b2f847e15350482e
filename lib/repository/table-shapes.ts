import { and, asc, count, desc, eq, Placeholder, sql, type SQL } from 'drizzle-orm'
import { getTableConfig, PgSelectBuilder, type PgColumn, type PgDialect, type PgSession, type PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { ScopedDialect } from './dialect.js'
import { ScopedInsert } from './insert.js'
import { ScopedDelete, ScopedUpdateBuilder } from './mass-writes.js'
import type { OrderedColumn } from './order.js'
import { compilingSession, type Shape } from './shape.js'
import { columnsOf, tableAliasOf, tableFacts } from './table-facts.js'

const maxShapes = 500

/** The statements of one table that are the same for every user, compiled when they are first asked for. */
export class TableShapes {
  /** The columns that name a row among the user's: the primary key without the owner. */
  readonly id: Array<[key: string, column: PgColumn]>
  readonly ownerKey: string
  readonly owner: PgColumn
  readonly #shapes = new Map<string, Shape>()
  readonly #columnNames = new WeakMap<PgColumn, string>()
  readonly #table: PgTable
  readonly #parts: { session: PgSession, dialect: PgDialect }

  constructor (table: PgTable, template: ScopedDialect) {
    const ownership = template.tables.ownershipOf(table)
    if (ownership.kind === 'shared') throw new errors.SharedTableWrite(`"${tableFacts(table).name}" is a shared table and has no repository: read it with request.db`)
    this.#table = table
    this.#parts = { session: compilingSession as unknown as PgSession, dialect: template as unknown as PgDialect }
    this.owner = ownership.column
    this.ownerKey = ownership.key
    const primaryKey = primaryKeyOf(table)
    this.id = primaryKey.length === 1 ? primaryKey : primaryKey.filter(([key]) => key !== this.ownerKey)
  }

  /** The condition that names one row, with the placeholders `id0`, `id1`, … */
  get byId (): SQL {
    if (this.id.length === 0) throw new errors.Unsupported(`"${tableFacts(this.#table).name}" has no primary key: use where conditions`)
    return and(...this.id.map(([, column], index) => eq(column, new Placeholder(`id${index}`))))!
  }

  findById (): Shape {
    return this.#shape('findById', () => this.#select(undefined).where(this.byId))
  }

  deleteById (): Shape {
    return this.#shape('deleteById', () => new ScopedDelete(this.#table, this.#parts.session, this.#parts.dialect).where(this.byId).returning())
  }

  /** Sets the columns of these keys from placeholders named like them. */
  updateById (keys: string[]): Shape {
    return this.#shape(`updateById ${JSON.stringify(keys)}`, () => {
      const set = Object.fromEntries(keys.map((key) => [key, placeholderFor(key)]))
      return new ScopedUpdateBuilder(this.#table, this.#parts.session, this.#parts.dialect, undefined).set(set).where(this.byId).returning()
    })
  }

  /** Inserts one row of these keys from placeholders named like them; the others take their default. */
  insert (keys: string[]): Shape {
    return this.#shape(`insert ${JSON.stringify(keys)}`, () => {
      const row = Object.fromEntries(keys.map((key) => [key, placeholderFor(key)]))
      return new ScopedInsert(this.#table, [row], this.#parts.session, this.#parts.dialect).returning()
    })
  }

  /** All own rows, in an order of columns; `limit` and `offset` are placeholders where they are asked for. */
  findMany (keys: string[] | undefined, order: OrderedColumn[], limit: boolean, offset: boolean): Shape {
    let name = `findMany ${limit} ${offset}`
    for (const { column, direction } of order) name += ` ${direction} ${this.#nameOf(column)}`
    if (keys !== undefined) name += ` ${JSON.stringify(keys)}`
    return this.#shape(name, () => {
      const query = this.#select(keys).$dynamic()
      if (order.length > 0) query.orderBy(...order.map(({ column, direction }) => direction === 'asc' ? asc(column) : desc(column)))
      if (limit) query.limit(new Placeholder('limit'))
      if (offset) query.offset(new Placeholder('offset'))
      return query
    })
  }

  count (): Shape {
    return this.#shape('count', () => new PgSelectBuilder({ fields: { count: count() }, ...this.#parts }).from(this.#table))
  }

  /** The selected columns, all of them by default. */
  fields (keys: string[] | undefined): Record<string, PgColumn> {
    const columns = columnsOf(this.#table)
    return keys === undefined ? columns : Object.fromEntries(keys.map((key) => [key, columns[key]!]))
  }

  #select (keys: string[] | undefined) {
    return new PgSelectBuilder({ fields: this.fields(keys), ...this.#parts }).from(this.#table)
  }

  // As JSON, so that no name can hold another.
  #nameOf (column: PgColumn): string {
    let name = this.#columnNames.get(column)
    if (name === undefined) this.#columnNames.set(column, name = JSON.stringify([tableAliasOf(column), column.name]))
    return name
  }

  #shape (name: string, build: () => { prepare (name: string): unknown }): Shape {
    let shape = this.#shapes.get(name)
    if (shape === undefined) {
      shape = build().prepare(name) as Shape
      if (this.#shapes.size < maxShapes) this.#shapes.set(name, shape)
    }
    return shape
  }
}

/** The primary key columns of a table by their property names, in the order of the key. */
export function primaryKeyOf (table: PgTable): Array<[key: string, column: PgColumn]> {
  const { columns, primaryKeys } = getTableConfig(table)
  const names = primaryKeys[0]?.columns.map((column) => column.name) ?? columns.filter((column) => column.primary).map((column) => column.name)
  const entries = Object.entries(tableFacts(table).columns)
  return names.map((name) => entries.find(([, column]) => column.name === name)!)
}

// As SQL it goes past the column's encoder: the repository has encoded the value already.
function placeholderFor (key: string): SQL {
  return sql`${new Placeholder(`value ${key}`)}`
}
