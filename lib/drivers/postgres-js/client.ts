import type { DrizzleSession } from '../../drizzle/contract.js'
import { isOverHttp } from '../../drizzle/session.js'

// What is used of `postgres` beyond its own types, so that a new version of it is checked in one place (3.4.9).

/** A statement; sent by `then`, with all others of the same tick. */
export interface Query extends PromiseLike<unknown> {
  values (): Query
  /** The server's process it was sent to, by its own account; `null` until then. */
  state: { pid: number | null } | null
  /** What is sent, read at that moment. */
  strings: string[]
  args: unknown[]
  /**
   * Whether it was sent as a prepared one; the driver repeats such a statement when the server does not know it, or its
   * plan, any more.
   */
  prepared: boolean
  reject (error: Error): void
}

export interface QueryOptions {
  prepare?: boolean | undefined
  /** Sent by the simple protocol, as a statement without values is by default. */
  simple?: boolean
  /** Called when it is sent; whether another may be sent behind it. */
  onexecute? (connection: object): boolean
}

export type Unsafe = (text: string, params?: unknown[], options?: QueryOptions) => Query

/** The pool, or one connection of it inside of a transaction. */
export interface PostgresJsClient {
  unsafe: Unsafe
  /** Runs a callback on one connection between `begin` and `commit`. */
  begin<T> (callback: (connection: { unsafe: Unsafe }) => Promise<T>): Promise<T>
  /** `connect_timeout` in seconds. */
  options: { max: number, prepare?: boolean, connect_timeout?: number | null }
}

/** Whether a session is one of `postgres`. */
export function isPostgresJs (session: object): session is DrizzleSession & { client: PostgresJsClient } {
  // The client of Neon over HTTP has an `unsafe` too.
  return 'client' in session && typeof (session.client as Partial<PostgresJsClient> | null)?.unsafe === 'function' &&
    !isOverHttp(session)
}

/**
 * What the callback of a transaction waits for that must not end, one for each: whoever waits for a shared one is kept
 * with it. The driver sends its own `commit` or `rollback` behind every callback, also when the connection is gone,
 * where that write ends the process, and when it serves somebody else (porsager/postgres#1208, #1216).
 */
export function never (): Promise<never> {
  return new Promise(() => {})
}
