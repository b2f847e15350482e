import type {
  DrizzleDatabase, DrizzleSession, DrizzleTransaction, Preparation, PreparedQuery
} from '../drizzle/contract.js'

/** The statement that sets the user until the end of the transaction. */
export interface UserStatement { sql: string, params: string[], name: string | undefined }

/**
 * A statement to prepare; one that `isRepeatable` has no effect, so that it may run twice, and outside of a
 * transaction.
 */
export type StatementOfUser = Preparation & { query: { isRepeatable: boolean } }

/** Where statements are sent: to a pool or, inside of a transaction, to its connection. */
export interface Connection {
  prepare (session: DrizzleSession, statement: Preparation): PreparedQuery
  /** Runs a callback in a transaction of the database, or in a savepoint where the database is a transaction. */
  transaction<T> (database: DrizzleDatabase, callback: Callback<T>, config?: object): Promise<T>
}

/** What runs in a transaction: `connection` is the only way for its statements. */
export type Callback<T> = (tx: DrizzleTransaction, connection: Connection) => Promise<T>

/** What the scope needs of a driver, one object for each session of a pool. */
export interface Driver extends Connection {
  /** Whether statements may be prepared: not behind PgBouncer, where the client says `prepare: false`. */
  readonly preparesStatements: boolean
  /** Whether it is one connection, on which the transactions of several requests would be one. */
  readonly isSingleConnection: boolean
  /** Whether each statement is a request by itself, so that there are no transactions. */
  readonly isOverHttp: boolean
  /**
   * A value as it is sent, so that it cannot fail while it is sent.
   * @throws errors.InvalidArgument for a value that the driver cannot send
   */
  encode (value: unknown): unknown
  /** Prepares a statement that runs in a short transaction of its own, which sets the user first. */
  prepareAsUser (session: DrizzleSession, statement: StatementOfUser, user: UserStatement): PreparedQuery
}
