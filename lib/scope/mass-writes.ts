import type { SQL, Subquery } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { OpenDelete, OpenUpdate } from '../drizzle/builders.js'
import type { BuilderParts } from '../drizzle/contract.js'
import { step } from '../drizzle/rejecting.js'
import { errors } from '../errors.js'
import { bindSet } from './bound-values.js'

// `and(...filters)` of no filters is undefined: a condition that got lost does not mean every row.
function present (where: SQL | undefined): SQL {
  if (where !== undefined) return where
  throw new errors.MissingCondition(
    'where() of an update or delete was given undefined: leave where() out to mean every row of the user'
  )
}

/** Drizzle's update, whose condition cannot get lost. */
export class ScopedUpdate extends OpenUpdate {
  override where (where: SQL | undefined): this {
    return step(this, () => { super.where(present(where)) })
  }
}

/** The start of a scoped update; values are read by own properties that are columns. */
export class ScopedUpdateBuilder {
  readonly #table: PgTable
  readonly #parts: BuilderParts
  readonly #withList: Subquery[] | undefined

  constructor (table: PgTable, parts: BuilderParts, withList?: Subquery[]) {
    this.#table = table
    this.#parts = parts
    this.#withList = withList
  }

  set (values: Record<string, unknown>): ScopedUpdate {
    const set: Record<string, unknown> = {}
    const update = new ScopedUpdate(this.#table, set, this.#parts, this.#withList)
    return step(update, () => { Object.assign(set, bindSet(this.#table, values)) })
  }
}

/** Drizzle's delete, whose condition cannot get lost. */
export class ScopedDelete extends OpenDelete {
  override where (where: SQL | undefined): this {
    return step(this, () => { super.where(present(where)) })
  }
}
