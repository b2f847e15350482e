import type { Query } from 'drizzle-orm'
import type { PgPreparedQuery, SelectedFieldsOrdered } from 'drizzle-orm/pg-core'

/** What `$withCache` was given. */
export interface CacheConfig { enable?: boolean, tag?: string }

/** What a statement is prepared from, by name; the order of Drizzle's arguments differs between versions. */
export interface Preparation {
  query: Query
  fields: SelectedFieldsOrdered | undefined
  /** The name of a prepared statement; `undefined` for one that is not to be prepared. */
  name: string | undefined
  /** Whether rows come as arrays, to be read by `fields` or `mapper`; otherwise the driver's result is handed on. */
  inArrays: boolean
  mapper?: unknown
  metadata?: unknown
  cache?: CacheConfig | undefined
}

/** A statement of a session: run with values for its placeholders. */
export type PreparedQuery = Pick<PgPreparedQuery<any>, 'execute'>

/** A driver's session. */
export interface DrizzleSession {
  client?: unknown
}

/** What differs between versions of Drizzle. */
export interface DrizzleVersion {
  prepare (session: DrizzleSession, preparation: Preparation): PreparedQuery
  /** Reads the arguments of a session's `prepareQuery`. */
  readPreparation (args: unknown[]): Preparation
}
