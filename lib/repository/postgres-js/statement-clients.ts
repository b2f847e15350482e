import type { PreparedQuery, SessionInternals } from '../drizzle-internals.js'
import { settingUser, type RowLevelSecurity } from '../row-level-security.js'
import { letCompile } from './driver-classes.js'
import { isForgotten, isPostgresJs, type Query } from './driver.js'
import type { Batch } from './pipelines.js'
import { poolOf, type Pool } from './pool.js'
import { WaitingStatement } from './waits.js'

// Clients that are put under Drizzle's prepared statements in place of the driver's own.

/** Whether the driver is to prepare a statement: all that Drizzle tells it. */
interface Preparing { prepare: boolean }

/** What a prepared statement of Drizzle asks of its client. */
interface StatementClient {
  unsafe (text: string, params: unknown[], options: Preparing): PromiseLike<unknown> & { values (): PromiseLike<unknown> }
}

// A statement with this option is the last one sent on its connection until it is answered; the driver's own `begin` uses it so.
const alone = { onexecute: () => false }

/**
 * Keeps the answers of others from a statement of a pool, and lets it not wait for a connection longer than the driver may
 * take to connect. Statements of other drivers stay as they are.
 *
 * When the server does not know a prepared statement any more, or its plan has gone stale, as after a migration that changes a
 * column's type, `postgres` repeats it on a connection where others' statements may be under way already, and takes their rows for its
 * own. Here it is told not to, and the statement is run again with nothing behind it.
 */
export function sentInTime (prepared: PreparedQuery, session: SessionInternals): PreparedQuery {
  const pool = poolOf(session)
  return pool === undefined ? prepared : withClient(prepared, clientOf(pool))
}

/** The same inside of a transaction, where there is nothing to wait for, and nothing can be run again. */
export function sentAlone (prepared: PreparedQuery, session: SessionInternals): PreparedQuery {
  if (!isPostgresJs(session)) return prepared
  const { client } = session
  return withClient(prepared, { unsafe: (text, params, options) => client.unsafe(text, params, { ...options, ...alone }) })
}

/** Whose statement it is, and whether it may run twice. */
interface UserStatement {
  rowLevelSecurity: RowLevelSecurity
  userId: string
  isRepeatable: boolean
}

/**
 * Runs a statement in a short transaction of the user's. Who the user is, the statement and the commit are sent at once: one
 * round trip, beside that of a `begin` where none is under way.
 */
export function pipelined (prepared: PreparedQuery, { client, chains }: Pool, { rowLevelSecurity, userId, isRepeatable }: UserStatement): PreparedQuery {
  const user = settingUser(rowLevelSecurity, userId)
  const prepare = { prepare: client.options.prepare }
  return withClient(prepared, lazily((text, params, options, read) => chains.run({
    user: (unsafe) => unsafe(user.sql, user.params, prepare),
    statement: (unsafe) => read(unsafe(text, params, { prepare: options.prepare, simple: false }))
  }, { isRepeatable })))
}

function withClient (prepared: PreparedQuery, client: StatementClient): PreparedQuery {
  return Object.assign(prepared, { client })
}

const clients = new WeakMap<Pool, StatementClient>()

function clientOf (pool: Pool): StatementClient {
  let known = clients.get(pool)
  if (known === undefined) clients.set(pool, known = createClient(pool))
  return known
}

function createClient ({ client, waits, pipelines }: Pool): StatementClient {
  return lazily((text, params, options, read) => {
    const waiting = new WaitingStatement()
    let batch: Batch | undefined
    let isSettled = false
    const onexecute = (connection: object): boolean => {
      waiting.sent()
      // Given up: what is sent in its place has no answer that anyone waits for.
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
      if (!isForgotten(error)) throw error
      return read(client.unsafe(text, params, { ...options, ...alone })).then(withoutHoles)
    })
  })
}

// When a statement fails after its first rows, the driver goes on counting at the next one on the connection, whoever's it is: its rows
// come behind as many holes.
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
