import type { PostgresJsClient, Query } from './postgres-js.js'
import { settingUser, type RowLevelSecurity } from './row-level-security.js'
import { transactionChainsOf } from './transaction-chain.js'

/** What a prepared statement of Drizzle asks of its client. */
interface StatementClient {
  unsafe (text: string, params: unknown[], settings: object): Pick<PromiseLike<unknown>, 'then'> & { values (): PromiseLike<unknown> }
}

/**
 * A client that runs each statement in a short transaction of the user's. Who the user is, the statement and the commit are
 * sent at once: one round trip, beside that of a `begin` where none is under way.
 */
export function pipelinedClient (client: PostgresJsClient, rowLevelSecurity: RowLevelSecurity, userId: string): StatementClient {
  const user = settingUser(rowLevelSecurity, userId)
  const prepared = { prepare: client.options.prepare }
  const run = (text: string, params: unknown[], settings: object, read: (query: Query) => Query): Promise<unknown> =>
    transactionChainsOf(client).run((unsafe) => [
      unsafe(user.sql, user.params, prepared),
      read(unsafe(text, params, { ...settings, simple: false }))
    ])
  return {
    unsafe: (text, params, settings) => ({
      values: () => run(text, params, settings, (query) => query.values()),
      then: (...handlers) => run(text, params, settings, (query) => query).then(...handlers)
    })
  }
}
