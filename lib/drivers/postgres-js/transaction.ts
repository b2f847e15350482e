import { setImmediate } from 'node:timers/promises'
import type { DrizzleDatabase, DrizzleSession, Preparation, PreparedQuery } from '../../drizzle/contract.js'
import { prepareIn, withClient } from '../../drizzle/session.js'
import { rootCause } from '../../internal/root-cause.js'
import type { Callback, Connection } from '../driver.js'
import { never, type PostgresJsClient } from './client.js'
import { clientAlone } from './statement-clients.js'
import { WaitingTransaction, type Waits } from './waits.js'

/** Runs a callback in a transaction, whose connection is not waited for longer than the driver may take to connect. */
export async function runTransaction<T> (
  waits: Waits, database: DrizzleDatabase, callback: Callback<T>, config?: object
): Promise<T> {
  const wait = new WaitingTransaction()
  waits.add(wait)
  const connection = new TransactionConnection()
  const transaction = database.transaction(async (tx) => await withholdWhenLost(connection, async () => {
    wait.over()
    const result = await callback(tx, connection)
    await commit(tx.session as DrizzleSession & { client: PostgresJsClient })
    return result
  }), config)
  transaction.catch(() => { connection.isLost = true })
  return await wait.orLate(transaction)
}

/** The connection of one transaction. */
class TransactionConnection implements Connection {
  /** The transaction is over, and the callback may still be running. */
  isLost = false

  prepare (session: DrizzleSession, statement: Preparation): PreparedQuery {
    return prepareIn(withClient(session, clientAlone(session.client as PostgresJsClient)), statement)
  }

  async transaction<T> (database: DrizzleDatabase, callback: Callback<T>, config?: object): Promise<T> {
    return await database.transaction(
      async (savepoint) => await withholdWhenLost(this, async () => await callback(savepoint, this)), config
    )
  }
}

/**
 * Runs the callback of a transaction. One that has lost its connection, or is about to, never ends: the loss itself has
 * rejected the transaction already.
 */
export async function withholdWhenLost<T> (
  state: { readonly isLost: boolean }, callback: () => Promise<T>
): Promise<T> {
  try {
    const result = await callback()
    return state.isLost ? await never() : result
  } catch (error) {
    if (isFatal(error)) return await never()
    // The loss of the connection fails the statement first and the transaction a moment later.
    await setImmediate()
    if (state.isLost) return await never()
    throw error
  }
}

// After a fatal error PostgreSQL closes the connection (PostgreSQL manual, section 54.2).
function isFatal (error: unknown): boolean {
  return rootCause(error).severity === 'FATAL'
}

/**
 * Commits a transaction, and begins an empty one for the driver to end. The driver's own `commit` is a prepared
 * statement: one that the server has forgotten fails, which undoes the transaction, and is repeated, which PostgreSQL
 * answers with `ROLLBACK`. The driver takes that for success.
 * @throws {Error} when nothing was committed; as a serialisation failure, code 40001, since the same request can go
 * through
 */
export async function commit ({ client }: { client: Pick<PostgresJsClient, 'unsafe'> }): Promise<void> {
  const { command } = await client.unsafe('commit and chain') as { command: string }
  if (command !== 'COMMIT') throw Object.assign(new Error('The transaction was undone'), { code: '40001' })
}
