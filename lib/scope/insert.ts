import type { SQL, Subquery } from 'drizzle-orm'
import type { PgColumn, PgDialect, PgSession, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { OpenPgInsertBase, OpenPgInsertBuilder } from '../drizzle/internals.js'
import { bindSet } from './mass-writes.js'
import { OnConflict } from './on-conflict.js'
import { bindRows } from './written-values.js'

interface ConflictConfig {
  target?: PgColumn | PgColumn[]
  where?: SQL
  targetWhere?: SQL
  setWhere?: SQL
  set?: Record<string, unknown>
}

/** Drizzle's insert, keeping the parts of `on conflict` apart for the scoped dialect. */
export class ScopedInsert extends OpenPgInsertBase {
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
export class ScopedInsertBuilder extends OpenPgInsertBuilder {
  readonly #queryBuilder: () => unknown

  constructor (table: PgTable, session: PgSession, dialect: PgDialect, withList: Subquery[] | undefined, queryBuilder: () => unknown) {
    super(table, session, dialect, withList)
    this.#queryBuilder = queryBuilder
  }

  values (values: unknown): ScopedInsert {
    const rows = bindRows(this.table, Array.isArray(values) ? values : [values])
    return new ScopedInsert(this.table, rows, this.session, this.dialect, this.withList, false, this.overridingSystemValue_)
  }

  select (query: unknown): ScopedInsert {
    const built = typeof query === 'function' ? query(this.#queryBuilder()) : query
    return new ScopedInsert(this.table, built, this.session, this.dialect, this.withList, true, this.overridingSystemValue_)
  }
}
