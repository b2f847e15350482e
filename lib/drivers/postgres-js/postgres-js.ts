import type { DrizzleDatabase, DrizzleSession, Preparation, PreparedQuery } from '../../drizzle/contract.js'
import { LateQuery, prepareIn, withClient } from '../../drizzle/session.js'
import type { Callback, Driver, StatementOfUser, UserStatement } from '../driver.js'
import { isPostgresJs, type PostgresJsClient } from './client.js'
import { letCompile } from './driver-classes.js'
import { encode } from './encode.js'
import { Pipelines } from './pipelines.js'
import { ServerProcesses } from './server-processes.js'
import { clientAsUser, clientInTime, type StatementClient } from './statement-clients.js'
import { runTransaction } from './transaction.js'
import { TransactionChains } from './transaction-chains.js'
import { Waits } from './waits.js'

/** `postgres`; one for each pool, whatever number of databases is made of it. */
class PostgresJs implements Driver {
  readonly preparesStatements: boolean
  readonly isSingleConnection = false
  readonly isOverHttp = false
  readonly encode = encode
  readonly #client: PostgresJsClient
  /** As long as the driver may take to connect: 30 seconds by default, no bound for `connect_timeout: 0`. */
  readonly #waits: Waits
  readonly #chains: TransactionChains
  readonly #inTime: StatementClient

  constructor (client: PostgresJsClient) {
    const { connect_timeout: seconds, prepare, max } = client.options
    this.preparesStatements = prepare !== false
    this.#client = client
    // It is not sent: nobody waits for it.
    letCompile(client.unsafe(''))
    this.#waits = new Waits(seconds ? seconds * 1000 : undefined)
    this.#chains = new TransactionChains(client, this.#waits)
    const processes = new ServerProcesses(client)
    this.#inTime = clientInTime(client, this.#waits, new Pipelines(max, () => processes.isDirect()))
  }

  prepare (session: DrizzleSession, statement: Preparation): PreparedQuery {
    return prepareIn(withClient(session, this.#inTime), statement)
  }

  prepareAsUser (session: DrizzleSession, statement: StatementOfUser, user: UserStatement): PreparedQuery {
    const { isRepeatable } = statement.query
    return new ShortTransaction(
      statement, () => withClient(session, clientAsUser(this.#client, this.#chains, user, isRepeatable))
    )
  }

  async transaction<T> (database: DrizzleDatabase, callback: Callback<T>, config?: object): Promise<T> {
    return await runTransaction(this.#waits, database, callback, config)
  }
}

const known = new WeakMap<PostgresJsClient, Driver>()

/** The driver of a session whose client is one of `postgres`; `undefined` for another. */
export function postgresJsOf (session: DrizzleSession): Driver | undefined {
  if (!isPostgresJs(session)) return undefined
  let driver = known.get(session.client)
  if (driver === undefined) known.set(session.client, driver = new PostgresJs(session.client))
  return driver
}

class ShortTransaction extends LateQuery {
  readonly #session: () => DrizzleSession

  /** @param session makes the session of one execution */
  constructor (statement: Preparation, session: () => DrizzleSession) {
    super(statement)
    this.#session = session
  }

  execute (values?: Record<string, unknown>): Promise<unknown> {
    return this.prepareIn(this.#session()).execute(values)
  }
}
