import type { SQL, Subquery } from 'drizzle-orm'
import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { OpenInsert } from '../drizzle/builders.js'
import type { BuilderParts } from '../drizzle/contract.js'
import { step } from '../drizzle/rejecting.js'
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
  onConflictDoNothing (config: ConflictConfig = {}): this {
    return step(this, () => { this.config.onConflict = readNothing(config) })
  }

  onConflictDoUpdate (config: ConflictConfig): this {
    return step(this, () => { this.config.onConflict = readUpdate(this.config.table, config) })
  }
}

function readNothing ({ target, where, ...others }: ConflictConfig): OnConflict {
  refuseOthers('onConflictDoNothing', others, 'target and where')
  return new OnConflict(target === undefined ? [] : [target].flat(), where)
}

function readUpdate (
  table: PgTable,
  { target, where, targetWhere, set, setWhere, ...others }: ConflictConfig
): OnConflict {
  refuseOthers('onConflictDoUpdate', others, 'target, targetWhere, set and setWhere')
  if (where !== undefined && (targetWhere !== undefined || setWhere !== undefined)) {
    throw new errors.InvalidArgument(
      '"where" is the old name of "setWhere": give "targetWhere" and "setWhere" instead of it'
    )
  }
  if (target === undefined) throw new errors.InvalidArgument('onConflictDoUpdate needs a target')
  return new OnConflict([target].flat(), targetWhere, bindSet(table, set), setWhere ?? where)
}

function refuseOthers (method: string, others: object, known: string): void {
  const [name] = Object.keys(others)
  if (name !== undefined) throw new errors.InvalidArgument(`"${name}" is no part of ${method}: use ${known}`)
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
    const rows: Array<Record<string, unknown>> = []
    return step(this.#insert(rows, false), () => {
      for (const row of bindRows(this.#table, Array.isArray(values) ? values : [values])) rows.push(row)
    })
  }

  select (query: unknown): ScopedInsert {
    return this.#insert(typeof query === 'function' ? query(this.#queryBuilder) : query, true)
  }

  #insert (values: unknown, isSelect: boolean): ScopedInsert {
    return new ScopedInsert(this.#table, values, this.#parts, this.#withList, isSelect, this.#overridesSystemValue)
  }
}
