import { giveUpInTime, longestWaitOf } from './connection-wait.js'
import type { PreparedQuery, SessionInternals } from './drizzle-internals.js'
import { isPostgresJs, type PostgresJsClient, type Query, type Unsafe } from './postgres-js.js'

// A statement of this option's is the last one sent on its connection until it is answered; the driver's own `begin` uses it so.
const alone = { onexecute: () => false }

/**
 * Hands a statement of `postgres` a client that keeps others' answers from it.
 *
 * When the plan of a prepared statement has gone stale, as after a migration that changes a column's type, that driver prepares
 * it anew on a connection where others' statements may be under way already, and takes their rows for its own (seen with
 * 3.4.9). So nothing is sent behind a statement of the scope before it is answered. Outside of a transaction it does not wait
 * longer for a connection than the driver may take to connect.
 */
export function guarded<Prepared extends PreparedQuery> (prepared: Prepared, session: SessionInternals, isTransaction: boolean): Prepared {
  if (!isPostgresJs(session)) return prepared
  const { client } = session
  let known = guardedClients.get(client)
  if (known === undefined) guardedClients.set(client, known = { unsafe: isTransaction ? sentAlone(client) : sentAloneInTime(client) })
  return Object.assign(prepared, { client: known })
}

const guardedClients = new WeakMap<PostgresJsClient, { unsafe: Unsafe }>()

function sentAlone (client: PostgresJsClient): Unsafe {
  return (text, params, options) => client.unsafe(text, params, { ...options, ...alone })
}

function sentAloneInTime (client: PostgresJsClient): Unsafe {
  const limit = longestWaitOf(client)
  const unsafe = sentAlone(client)
  if (limit === undefined) return unsafe
  return (text, params, options): Query => {
    const query = unsafe(text, params, options)
    giveUpInTime(client, limit, query)
    return query
  }
}
