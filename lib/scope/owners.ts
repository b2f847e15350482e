import type { PgColumn } from 'drizzle-orm/pg-core'

/** Whose a row can be. */
export type OwnerKind = 'user' | 'organization'

/** An owner column of a table, its property name, and whose id it holds. */
export interface Owner { column: PgColumn, key: string, of: OwnerKind }

/** A table of which requests may use the rows that all of its owners match. */
export interface OwnedTable {
  kind: 'owned'
  owners: readonly [Owner, ...Owner[]]
  /** The user column of a table whose rows belong to the organization alone. */
  author: Owner | undefined
  /** The owners and the author: what the scope writes into a new row. */
  written: readonly Owner[]
}
