import type { SQL } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'

/**
 * What an insert does on a conflict, in parts. Drizzle glues them to one text as soon as they are named, where
 * the caller's conditions could no longer be told from the clause around them.
 */
export class OnConflict {
  constructor (
    readonly target: PgColumn[],
    readonly targetWhere: SQL | undefined,
    /** What to update; `undefined` does nothing. */
    readonly set?: Record<string, unknown>,
    readonly setWhere?: SQL
  ) {}
}
