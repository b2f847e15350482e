import type { BuiltArguments, PreparedQuery, SessionInternals } from './drizzle-internals.js'
import { inShortTransaction, nodePostgresPoolOf } from './node-postgres/short-transaction.js'
import { poolOf } from './postgres-js/pool.js'
import { pipelined } from './postgres-js/statement-clients.js'
import { settingUser, type RowLevelSecurity } from './row-level-security.js'
import type { Statements } from './statements.js'

type Naming = Pick<Statements, 'nameNow'>

/** A statement under row-level security: each execution is a short transaction of its own that knows the user. */
export class ShortTransaction implements PreparedQuery {
  /** Drizzle's select writes here how its rows are read. */
  joinsNotNullableMap?: Record<string, boolean>
  readonly #session: SessionInternals
  readonly #rowLevelSecurity: RowLevelSecurity
  readonly #userId: string
  readonly #statements: Naming
  readonly #arguments: BuiltArguments

  constructor (session: SessionInternals, rowLevelSecurity: RowLevelSecurity, userId: string, statements: Naming, prepareArguments: BuiltArguments) {
    this.#session = session
    this.#rowLevelSecurity = rowLevelSecurity
    this.#userId = userId
    this.#statements = statements
    this.#arguments = prepareArguments
  }

  setToken (): this { return this }

  execute (values?: Record<string, unknown>): Promise<unknown> {
    const pool = poolOf(this.#session)
    if (pool !== undefined) {
      const statement = { rowLevelSecurity: this.#rowLevelSecurity, userId: this.#userId, isRepeatable: this.#arguments[0].isRepeatable }
      return pipelined(this.#prepared(this.#session), pool, statement).execute(values)
    }
    const nodePostgres = nodePostgresPoolOf(this.#session)
    if (nodePostgres !== undefined) {
      const user = settingUser(this.#rowLevelSecurity, this.#userId)
      return inShortTransaction(nodePostgres, { ...user, name: this.#statements.nameNow(user.sql) }, this.#prepared(this.#session), values)
    }
    return this.#session.transaction(async (tx) => {
      await setUser(tx.session, this.#rowLevelSecurity, this.#userId, this.#statements)
      return await this.#prepared(tx.session).execute(values)
    })
  }

  #prepared (session: SessionInternals): PreparedQuery {
    return Object.assign(session.prepareQuery(...this.#arguments), { joinsNotNullableMap: this.joinsNotNullableMap })
  }
}

/** Tells PostgreSQL the user, until the end of the transaction. */
export async function setUser (session: SessionInternals, rowLevelSecurity: RowLevelSecurity, userId: string, statements: Naming): Promise<void> {
  const query = settingUser(rowLevelSecurity, userId)
  await session.prepareQuery(query, undefined, statements.nameNow(query.sql), false).execute()
}
