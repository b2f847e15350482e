import type { SQL, Subquery } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { OpenInsert } from '../drizzle/builders.js'
import type { BuilderParts } from '../drizzle/contract.js'
import { errors } from '../errors.js'
import { bindRows, bindSet } from './bound-values.js'
import { OnConflict } from './insert-statement.js'

interface ConflictConfig {
  target?: PgColumn | PgColumn[]
  where?: SQL
  targetWhere?: SQL
  setWhere?: SQL
  set?: Record<string, unknown>
}

/** Drizzle's insert, keeping the parts of `on conflict` apart for the scoped dialect. */
export class ScopedInsert extends OpenInsert {
  onConflictDoNothing ({ target, where }: ConflictConfig = {}): this {
    this.config.onConflict = new OnConflict(target === undefined ? [] : [target].flat(), where)
    return this
  }

  onConflictDoUpdate ({ target, where, targetWhere, set, setWhere }: ConflictConfig): this {
    if (where !== undefined && (targetWhere !== undefined || setWhere !== undefined)) {
      throw new errors.InvalidArgument('"where" is the old name of "setWhere": give "targetWhere" and "setWhere" instead of it')
    }
    if (target === undefined) throw new errors.InvalidArgument('onConflictDoUpdate needs a target')
    this.config.onConflict = new OnConflict([target].flat(), targetWhere, bindSet(this.config.table, set), setWhere ?? where)
    return this
  }
}

/** The start of a scoped insert; rows are read by own properties, and a query builder in a callback is scoped too. */
export class ScopedInsertBuilder {
  readonly #table: PgTable
  readonly #parts: BuilderParts
  readonly #withList: Subquery[] | undefined
  readonly #queryBuilder: unknown
  #overridesSystemValue: boolean | undefined

  constructor (table: PgTable, parts: BuilderParts, withList: Subquery[] | undefined, queryBuilder: unknown) {
    this.#table = table
    this.#parts = parts
    this.#withList = withList
    this.#queryBuilder = queryBuilder
  }

  overridingSystemValue (): this {
    this.#overridesSystemValue = true
    return this
  }

  values (values: unknown): ScopedInsert {
    return this.#insert(bindRows(this.#table, Array.isArray(values) ? values : [values]), false)
  }

  select (query: unknown): ScopedInsert {
    return this.#insert(typeof query === 'function' ? query(this.#queryBuilder) : query, true)
  }

  #insert (values: unknown, isSelect: boolean): ScopedInsert {
    return new ScopedInsert(this.#table, values, this.#parts, this.#withList, isSelect, this.#overridesSystemValue)
  }
}
