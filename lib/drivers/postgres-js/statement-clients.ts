import { isStaleStatement } from '../../internal/stale-statement.js'
import type { UserStatement } from '../driver.js'
import { letCompile } from './driver-classes.js'
import type { PostgresJsClient, Query } from './client.js'
import type { Batch, Pipelines } from './pipelines.js'
import type { TransactionChains } from './transaction-chains.js'
import { WaitingStatement, type Waits } from './waits.js'

// Clients that are put under Drizzle's prepared statements in place of the driver's own.

/** Whether the driver is to prepare a statement: all that Drizzle passes to it. */
interface Preparing { prepare: boolean }

/** What a prepared statement of Drizzle asks of its client. */
export interface StatementClient {
  unsafe (
    text: string, params: unknown[], options: Preparing
  ): PromiseLike<unknown> & { values (): PromiseLike<unknown> }
}

// A statement with this option is the last one sent on its connection until its result is there; the driver's own
// `begin` uses it so.
const alone = { onexecute: () => false }

/**
 * For statements of a transaction: nothing is sent behind one before its result is there, and nothing can be run again.
 */
export function clientAlone (client: PostgresJsClient): StatementClient {
  return { unsafe: (text, params, options) => client.unsafe(text, params, { ...options, ...alone }) }
}

/**
 * For a statement in a short transaction of the user's. Who the user is, the statement and the commit are sent at once:
 * one round trip, beside that of a `begin` where none is under way.
 */
export function clientAsUser (
  client: PostgresJsClient, chains: TransactionChains, user: UserStatement, isRepeatable: boolean
): StatementClient {
  const prepare = { prepare: user.name !== undefined && client.options.prepare !== false }
  return lazily((text, params, options, read) => chains.run({
    user: (unsafe) => unsafe(user.sql, user.params, prepare),
    statement: (unsafe) => read(unsafe(text, params, { prepare: options.prepare, simple: false }))
  }, { isRepeatable }))
}

/**
 * For statements of a pool: keeps the responses of others from each, and lets it not wait for a connection longer than
 * the driver may take to connect.
 *
 * When the server does not know a prepared statement any more, or its plan has gone stale, as after a migration that
 * changes a column's type, `postgres` repeats it on a connection where others' statements may be under way already, and
 * takes their rows for its own. Here it is kept from that, and the statement is run again with nothing behind it.
 */
export function clientInTime (client: PostgresJsClient, waits: Waits, pipelines: Pipelines): StatementClient {
  return lazily((text, params, options, read) => {
    const waiting = new WaitingStatement()
    let batch: Batch | undefined
    let isSettled = false
    const onexecute = (connection: object): boolean => {
      waiting.sent()
      // Given up: what is sent in its place has no result that anyone waits for.
      if (isSettled) return false
      batch = pipelines.sentOn(connection)
      return !batch.isClosed
    }
    const settled = (): void => {
      isSettled = true
      pipelines.settled(batch)
    }
    const query = client.unsafe(text, params, { prepare: options.prepare, onexecute })
    waiting.query = query
    waits.add(waiting)
    pipelines.enqueued()
    // With `then` and not `await`, which makes three promises more of one that is not V8's own.
    return read(query).then((rows) => {
      settled()
      letCompile(rows as object)
      return withoutHoles(rows)
    }, (error: unknown) => {
      settled()
      if (!isStaleStatement(error)) throw error
      return read(client.unsafe(text, params, { ...options, ...alone })).then(withoutHoles)
    })
  })
}

// When a statement fails after its first rows, the driver goes on counting at the next one on the connection, whoever's
// it is: its rows come behind as many holes.
function withoutHoles (rows: unknown): unknown {
  if (Array.isArray(rows) && rows.length > 0 && !(0 in rows)) rows.splice(0, Number(Object.keys(rows)[0]))
  return rows
}

type Run = (text: string, params: unknown[], options: Preparing, read: (query: Query) => Query) => PromiseLike<unknown>

// Sent when it is asked for, as rows of values or as the driver's own.
function lazily (run: Run): StatementClient {
  return {
    unsafe: (text, params, options) => ({
      values: () => run(text, params, options, (query) => query.values()),
      then: (resolved, rejected) => run(text, params, options, (query) => query).then(resolved, rejected)
    })
  }
}
