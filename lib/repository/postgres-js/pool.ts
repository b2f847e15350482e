import { letCompile } from './driver-classes.js'
import { isPostgresJs, type PostgresJsClient } from './driver.js'
import { Pipelines } from './pipelines.js'
import { TransactionChains } from './transaction-chains.js'
import { WaitingTransaction, Waits } from './waits.js'

/** What the scopes of one pool of `postgres` share. */
export class Pool {
  readonly client: PostgresJsClient
  /** As long as the driver may take to connect: 30 seconds by default, no bound for `connect_timeout: 0`. */
  readonly waits: Waits
  readonly pipelines: Pipelines
  readonly chains: TransactionChains

  constructor (client: PostgresJsClient) {
    const { connect_timeout: seconds } = client.options
    this.client = client
    // It is not sent: nobody waits for it.
    letCompile(client.unsafe(''))
    this.waits = new Waits(seconds ? seconds * 1000 : undefined)
    this.pipelines = new Pipelines(client.options.max)
    this.chains = new TransactionChains(client, this.waits)
  }

  transactionWait (): WaitingTransaction {
    const wait = new WaitingTransaction()
    this.waits.add(wait)
    return wait
  }
}

const pools = new WeakMap<PostgresJsClient, Pool>()

/** The pool behind a session that is not a transaction's; `undefined` for other drivers, which see to all this themselves. */
export function poolOf (session: object): Pool | undefined {
  if (!isPostgresJs(session)) return undefined
  let pool = pools.get(session.client)
  if (pool === undefined) pools.set(session.client, pool = new Pool(session.client))
  return pool
}
