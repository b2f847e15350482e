import { and, asc, count, desc, eq, Param, type SQL } from 'drizzle-orm'
import { getTableConfig, type PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { ScopedDialect } from '../scope/dialect.js'
import { ScopedInsert } from '../scope/insert.js'
import { ScopedDelete, ScopedUpdateBuilder } from '../scope/mass-writes.js'
import type { OwnedTable } from '../scope/owners.js'
import type { OrderedColumn } from './order.js'
import { CompiledQuery } from './compiled-query.js'
import { startSelect } from '../drizzle/builders.js'
import type { BuilderParts } from '../drizzle/contract.js'
import { compile, compilingSession } from '../drizzle/session.js'
import { AlreadyEncoded } from '../scope/encoded-values.js'
import { IdParameter, RangeParameter, ValueParameter } from '../scope/parameters.js'
import { columnsOf, tableAliasOf, tableFacts } from '../drizzle/tables.js'

const maxQueries = 500

/** The statements of one table that are the same for every user, compiled when they are first asked for. */
export class CompiledQueries {
  /** The columns that name a row among the caller's: the primary key without the owners. */
  readonly id: Array<[key: string, column: PgColumn]>
  readonly owned: OwnedTable
  readonly #queries = new Map<string, CompiledQuery>()
  readonly #columnNames = new WeakMap<PgColumn, string>()
  readonly #table: PgTable
  readonly #parts: BuilderParts

  constructor (table: PgTable, template: ScopedDialect) {
    const ownership = template.tables.ownershipOf(table)
    if (ownership.kind === 'shared') {
      throw new errors.SharedTableWrite(
        `"${tableFacts(table).name}" is a shared table and has no repository: read it with request.db`
      )
    }
    this.#table = table
    this.#parts = { session: compilingSession, dialect: template }
    this.owned = ownership
    const primaryKey = primaryKeyOf(table)
    const own = primaryKey.filter(([key]) => !ownership.owners.some((owner) => owner.key === key))
    this.id = primaryKey.length === 1 || own.length === 0 ? primaryKey : own
  }

  /** The condition that names one row, by its parameters */
  get byId (): SQL {
    if (this.id.length === 0) {
      throw new errors.Unsupported(`"${tableFacts(this.#table).name}" has no primary key: use where conditions`)
    }
    return and(...this.id.map(([, column], index) => eq(column, new IdParameter(index))))!
  }

  findById (): CompiledQuery {
    return this.#query('findById', () => this.#select(undefined).where(this.byId))
  }

  deleteById (): CompiledQuery {
    return this.#query('deleteById', () => new ScopedDelete(this.#table, this.#parts).where(this.byId).returning())
  }

  /** Sets the columns of these keys from parameters. */
  updateById (keys: string[]): CompiledQuery {
    return this.#query(`updateById ${JSON.stringify(keys)}`, () => {
      const set = Object.fromEntries(keys.map((key) => [key, parameterFor(key, columnsOf(this.#table)[key]!)]))
      return new ScopedUpdateBuilder(this.#table, this.#parts).set(set).where(this.byId).returning()
    })
  }

  /** Inserts one row of these keys from parameters; the others take their default. */
  insert (keys: string[]): CompiledQuery {
    return this.#query(`insert ${JSON.stringify(keys)}`, () => {
      const row = Object.fromEntries(keys.map((key) => [key, parameterFor(key, columnsOf(this.#table)[key]!)]))
      return new ScopedInsert(this.#table, [row], this.#parts).returning()
    })
  }

  /** All own rows, in an order of columns; `limit` and `offset` are parameters where they are asked for. */
  findMany (keys: string[] | undefined, order: OrderedColumn[], limit: boolean, offset: boolean): CompiledQuery {
    let name = `findMany ${limit} ${offset}`
    for (const { column, direction } of order) name += ` ${direction} ${this.#nameOf(column)}`
    if (keys !== undefined) name += ` ${JSON.stringify(keys)}`
    return this.#query(name, () => {
      const query = this.#select(keys).$dynamic()
      if (order.length > 0) {
        query.orderBy(...order.map(({ column, direction }) => direction === 'asc' ? asc(column) : desc(column)))
      }
      if (limit) query.limit(new RangeParameter('limit'))
      if (offset) query.offset(new RangeParameter('offset'))
      return query
    })
  }

  count (): CompiledQuery {
    return this.#query('count', () => startSelect(this.#parts, { count: count() }).from(this.#table))
  }

  /** The selected columns, all of them by default. */
  fields (keys: string[] | undefined): Record<string, PgColumn> {
    const columns = columnsOf(this.#table)
    return keys === undefined ? columns : Object.fromEntries(keys.map((key) => [key, columns[key]!]))
  }

  #select (keys: string[] | undefined) {
    return startSelect(this.#parts, this.fields(keys)).from(this.#table)
  }

  // As JSON, so that no name can hold another.
  #nameOf (column: PgColumn): string {
    let name = this.#columnNames.get(column)
    if (name === undefined) this.#columnNames.set(column, name = JSON.stringify([tableAliasOf(column), column.name]))
    return name
  }

  #query (name: string, build: () => { prepare (name: string): unknown }): CompiledQuery {
    let query = this.#queries.get(name)
    if (query === undefined) {
      query = new CompiledQuery(compile(build()))
      if (this.#queries.size < maxQueries) this.#queries.set(name, query)
    }
    return query
  }
}

/** The primary key columns of a table by their property names, in the order of the key. */
export function primaryKeyOf (table: PgTable): Array<[key: string, column: PgColumn]> {
  const { columns, primaryKeys } = getTableConfig(table)
  const key = primaryKeys[0]?.columns ?? columns.filter((column) => column.primary)
  const names = key.map((column) => column.name)
  const entries = Object.entries(tableFacts(table).columns)
  return names.map((name) => entries.find(([, column]) => column.name === name)!)
}

// Past the column's encoder: the repository has encoded the value already.
function parameterFor (key: string, column: PgColumn): Param {
  return new Param(new ValueParameter(key), new AlreadyEncoded(column) as never)
}

/** The compiled queries of the tables of one scope. */
export class CompiledTables {
  readonly #tables = new WeakMap<object, CompiledQueries>()
  readonly #template: ScopedDialect

  /** @param template a dialect whose user is the {@link OwnerParameter} */
  constructor (template: ScopedDialect) {
    this.#template = template
  }

  of (table: PgTable): CompiledQueries {
    const { identity } = tableFacts(table)
    let queries = this.#tables.get(identity)
    if (queries === undefined) this.#tables.set(identity, queries = new CompiledQueries(table, this.#template))
    return queries
  }
}
