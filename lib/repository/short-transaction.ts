import { sql } from 'drizzle-orm'
import type { PrepareArguments, PreparedQuery, SessionInternals, TransactionInternals } from './drizzle-internals.js'
import { pipelinedClient } from './pipelined.js'
import { isPostgresJs } from './postgres-js.js'
import type { RowLevelSecurity } from './row-level-security.js'

/** A statement under row-level security: each execution is a short transaction of its own that knows the user. */
export class ShortTransaction implements PreparedQuery {
  /** Drizzle's select writes here how its rows are read. */
  joinsNotNullableMap?: Record<string, boolean>
  readonly #session: SessionInternals
  readonly #rowLevelSecurity: RowLevelSecurity
  readonly #userId: string
  readonly #arguments: PrepareArguments

  constructor (session: SessionInternals, rowLevelSecurity: RowLevelSecurity, userId: string, prepareArguments: PrepareArguments) {
    this.#session = session
    this.#rowLevelSecurity = rowLevelSecurity
    this.#userId = userId
    this.#arguments = prepareArguments
  }

  setToken (): this { return this }

  execute (values?: Record<string, unknown>): Promise<unknown> {
    if (isPostgresJs(this.#session)) {
      const client = pipelinedClient(this.#session.client, this.#rowLevelSecurity, this.#userId)
      return this.#prepared(this.#session, { client }).execute(values)
    }
    return this.#session.transaction(async (tx) => {
      await setUser(tx, this.#rowLevelSecurity, this.#userId)
      return await this.#prepared(tx.session).execute(values)
    })
  }

  #prepared (session: SessionInternals, changes?: object): PreparedQuery {
    return Object.assign(session.prepareQuery(...this.#arguments), { joinsNotNullableMap: this.joinsNotNullableMap, ...changes })
  }
}

/** Tells PostgreSQL the user, until the end of the transaction. */
export async function setUser (tx: TransactionInternals, { setting, role }: RowLevelSecurity, userId: string): Promise<void> {
  // The role last: it may be one that may not become another.
  await tx.execute(role === undefined
    ? sql`select set_config(${setting}, ${userId}, true)`
    : sql`select set_config(${setting}, ${userId}, true), set_config('role', ${role}, true)`)
}
