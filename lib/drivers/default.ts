import type { DrizzleDatabase, DrizzleSession, Preparation, PreparedQuery } from '../drizzle/contract.js'
import { isOverHttp, LateQuery, prepareIn } from '../drizzle/session.js'
import { errors } from '../errors.js'
import type { Callback, Connection, Driver, StatementOfUser, UserStatement } from './driver.js'

/** A driver that needs nothing but Drizzle's own session: PGlite, Neon over WebSockets or HTTP, and those unknown. */
export class DefaultDriver implements Driver {
  readonly preparesStatements: boolean
  readonly isSingleConnection: boolean = false
  readonly isOverHttp: boolean

  constructor (session: DrizzleSession) {
    const { options } = (session.client ?? {}) as { options?: { prepare?: boolean } }
    this.preparesStatements = options?.prepare !== false
    this.isOverHttp = isOverHttp(session)
  }

  encode (value: unknown): unknown {
    // As NULL it would compare with nothing and write nothing, without a word.
    if (value === undefined) {
      throw new errors.InvalidArgument('A value is undefined: leave its condition out, or say isNull()')
    }
    return value
  }

  prepare (session: DrizzleSession, statement: Preparation): PreparedQuery {
    return prepareIn(session, statement)
  }

  prepareAsUser (session: DrizzleSession, statement: StatementOfUser, user: UserStatement): PreparedQuery {
    return new ShortTransaction(session as DrizzleSession, statement, user)
  }

  async transaction<T> (database: DrizzleDatabase, callback: Callback<T>, config?: object): Promise<T> {
    return await plainTransaction(this, database, callback, config)
  }
}

/** Drizzle's own transaction; inside, statements are sent as outside. */
export async function plainTransaction<T> (
  { prepare }: Pick<Connection, 'prepare'>, database: DrizzleDatabase, callback: Callback<T>, config?: object
): Promise<T> {
  const inside: Connection = {
    prepare,
    transaction: async (savepoint, ...rest) => await plainTransaction(inside, savepoint, ...rest)
  }
  return await database.transaction(async (tx) => await callback(tx, inside), config)
}

class ShortTransaction extends LateQuery {
  readonly #session: DrizzleSession
  readonly #user: UserStatement

  constructor (session: DrizzleSession, statement: Preparation, user: UserStatement) {
    super(statement)
    this.#session = session
    this.#user = user
  }

  async execute (values?: Record<string, unknown>): Promise<unknown> {
    return await this.#session.transaction(async (tx) => {
      await setUser(tx.session, this.#user)
      return await this.prepareIn(tx.session).execute(values)
    })
  }
}

/** Sets the user until the end of the transaction. */
export async function setUser (session: DrizzleSession, { name, ...query }: UserStatement): Promise<void> {
  await prepareIn(session, { query, fields: undefined, name, inArrays: false }).execute()
}
