import type { DrizzleSession, Preparation, PreparedQuery } from '../../drizzle/contract.js'
import { LateQuery, withClient } from '../../drizzle/session.js'
import { DefaultDriver } from '../default.js'
import type { Driver, StatementOfUser, UserStatement } from '../driver.js'
import { isNodePostgres, isPool, type NodePostgresPool } from './client.js'
import { surviveLostConnections } from './lost-connections.js'

/** `pg`, and drivers made after it such as @neondatabase/serverless over WebSockets. */
class NodePostgres extends DefaultDriver {
  override readonly isSingleConnection: boolean
  readonly #pool: NodePostgresPool | undefined

  constructor (session: DrizzleSession, pool: NodePostgresPool | undefined) {
    super(session)
    this.isSingleConnection = pool === undefined
    this.#pool = pool
  }

  override prepareAsUser (session: DrizzleSession, statement: StatementOfUser, user: UserStatement): PreparedQuery {
    return this.#pool === undefined
      ? super.prepareAsUser(session, statement, user)
      : new ShortTransaction(session, this.#pool, statement, user)
  }
}

/** The driver of a session whose client is one of `pg`; `undefined` for another. */
export function nodePostgresOf (session: DrizzleSession): Driver | undefined {
  const { client } = session
  if (!isNodePostgres(client)) return undefined
  surviveLostConnections(client)
  return new NodePostgres(session, isPool(client) ? client : undefined)
}

/** As Drizzle's own transaction, without building and rendering `begin` and `commit` anew each time. */
class ShortTransaction extends LateQuery {
  readonly #session: DrizzleSession
  readonly #pool: NodePostgresPool
  readonly #user: UserStatement

  constructor (session: DrizzleSession, pool: NodePostgresPool, statement: Preparation, user: UserStatement) {
    super(statement)
    this.#session = session
    this.#pool = pool
    this.#user = user
  }

  async execute (values?: Record<string, unknown>): Promise<unknown> {
    const { name, sql: text, params } = this.#user
    const connection = await this.#pool.connect()
    let isBroken = false
    try {
      await connection.query('begin')
      await connection.query({ name, text, values: params })
      const result = await this.prepareIn(withClient(this.#session, connection)).execute(values)
      await connection.query('commit')
      return result
    } catch (error) {
      await connection.query('rollback').catch(() => { isBroken = true })
      throw error
    } finally {
      connection.release(isBroken)
    }
  }
}
