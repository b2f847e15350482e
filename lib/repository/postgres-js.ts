import type { SessionInternals } from './drizzle-internals.js'

// What `postgres` offers and other drivers do not: statements sent without waiting for the answer before.

/** A statement of `postgres`; sent by `then`, with all others of the same tick. */
export interface Query extends PromiseLike<unknown> {
  values (): Query
}
export type Unsafe = (text: string, params?: unknown[], options?: object) => Query
/** The pool. */
export interface PostgresJsClient {
  unsafe: Unsafe
  /** Runs a callback on one connection between `begin` and `commit`. */
  begin<T> (callback: (connection: { unsafe: Unsafe }) => Promise<T>): Promise<T>
  options: { max: number, prepare?: boolean, connect_timeout?: number | null }
}

/** Whether a session is one of `postgres`. */
export function isPostgresJs (session: object): session is SessionInternals & { client: PostgresJsClient } {
  return 'client' in session && typeof (session.client as Partial<PostgresJsClient> | null)?.unsafe === 'function'
}
