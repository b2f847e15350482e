import { Param, is, SQL, Column, type Subquery } from 'drizzle-orm'
import type { PgDialect, PgSession, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { OpenPgDeleteBase, OpenPgUpdateBase } from '../drizzle/internals.js'
import { columnAt } from './written-values.js'

// `and(...filters)` of no filters is undefined: a condition that got lost is not a wish for every row.
function present (where: SQL | undefined): SQL {
  if (where === undefined) throw new errors.MissingCondition('where() of an update or delete was given undefined: leave where() out to mean every row of the user')
  return where
}

/** Drizzle's update, whose condition cannot get lost. */
export class ScopedUpdate extends OpenPgUpdateBase {
  override where (where: SQL | undefined): this {
    return super.where(present(where))
  }
}

/** The start of a scoped update; values are read by own properties that are columns. */
export class ScopedUpdateBuilder {
  readonly #table: PgTable
  readonly #session: PgSession
  readonly #dialect: PgDialect
  readonly #withList: Subquery[] | undefined

  constructor (table: PgTable, session: PgSession, dialect: PgDialect, withList: Subquery[] | undefined) {
    this.#table = table
    this.#session = session
    this.#dialect = dialect
    this.#withList = withList
  }

  set (values: Record<string, unknown>): ScopedUpdate {
    return new ScopedUpdate(this.#table, bindSet(this.#table, values), this.#session, this.#dialect, this.#withList)
  }
}

/** Drizzle's delete, whose condition cannot get lost. */
export class ScopedDelete extends OpenPgDeleteBase {
  override where (where: SQL | undefined): this {
    return super.where(present(where))
  }
}

/**
 * The values of an update as parameters of their columns; what is `undefined` is left as it is.
 * @throws errors.UnknownColumn for a key that is no column
 * @throws errors.InvalidArgument when nothing is left to set
 */
export function bindSet (table: PgTable, values: unknown): Record<string, unknown> {
  const entries = Object.entries(values ?? {}).filter(([key, value]) => columnAt(table, key) !== undefined && value !== undefined)
  if (entries.length === 0) throw new errors.InvalidArgument('An update needs a value for at least one column')
  return Object.fromEntries(entries.map(([key, value]) => [key, is(value, SQL) || is(value, Column) ? value : new Param(value, columnAt(table, key))]))
}
