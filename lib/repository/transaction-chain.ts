import { longestWaitOf, noConnection, Waiting } from './connection-wait.js'
import type { PostgresJsClient, Query, Unsafe } from './postgres-js.js'

/** What runs between `begin` and `commit`: its statements in order, the last one with the answer. */
export type Statements = (unsafe: Unsafe) => Query[]

interface Job {
  statements: Statements
  isWaiting: boolean
  isSecond?: boolean
  resolve (answer: unknown): void
  reject (error: unknown): void
}

// A connection goes on while others wait; not for ever, since what is outside of short transactions waits for it in the driver's queue.
const longestChain = 16

const never = new Promise<never>(() => {})

/**
 * Short transactions on the connections of one pool of `postgres`. The statements of one are sent at once, and `commit and chain`
 * with them, so that the next transaction that waits for a connection has begun when this one ends.
 *
 * `reserve()` of the driver would take a connection more directly, but a reservation that waits while the database goes away
 * takes its connection with it for good (seen with 3.4.9).
 */
export class TransactionChains {
  readonly #client: PostgresJsClient
  readonly #waiting: Job[] = []
  #chains = 0
  #beginning = 0
  readonly #impatience: Waiting<Job> | undefined

  constructor (client: PostgresJsClient) {
    this.#client = client
    const limit = longestWaitOf(client)
    if (limit !== undefined) {
      this.#impatience = new Waiting(limit, ({ isWaiting }) => isWaiting, (job) => {
        this.#waiting.splice(this.#waiting.indexOf(job), 1)
        job.reject(noConnection())
      })
    }
  }

  run (statements: Statements): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const job = { statements, isWaiting: true, resolve, reject }
      this.#waiting.push(job)
      this.#impatience?.add(job)
      this.#beginIfNeeded()
    })
  }

  #next (): Job | undefined {
    const job = this.#waiting.shift()
    if (job !== undefined) job.isWaiting = false
    return job
  }

  // Nothing of it was committed, and its statement is prepared anew by now.
  #again (job: Job): void {
    if (job.isSecond) return job.reject(new Error('The plan of a statement went stale twice'))
    job.isSecond = true
    this.#waiting.unshift(job)
  }

  #beginIfNeeded (): void {
    if (this.#waiting.length <= this.#beginning || this.#chains >= this.#client.options.max) return
    this.#chains++
    this.#beginning++
    let begun = false
    let job: Job | undefined
    const ended = onlyOnce(() => {
      if (!begun) this.#beginning--
      this.#chains--
      this.#beginIfNeeded()
    })
    this.#client.begin(async ({ unsafe }) => {
      begun = true
      this.#beginning--
      for (let length = 0; length < longestChain; length++) {
        job = this.#next()
        if (job === undefined) return
        const outcome = await runLinked(unsafe, job)
        if (outcome === 'stale') {
          this.#again(job)
          job = undefined
          throw new Error('The transaction of a repeated statement is rolled back')
        }
        if (outcome === 'linked') continue
        ended()
        // The driver would send its own end of the transaction, on a connection that is gone or somebody else's by now.
        await never
      }
    }).catch((error: unknown) => {
      // The connection could not be had, or was lost: whoever was on it, or came for it, is told.
      if (!begun) job = this.#next()
      job?.reject(error)
    }).finally(ended)
  }
}

function onlyOnce (callback: () => void): () => void {
  let called = false
  return () => {
    if (!called) callback()
    called = true
  }
}

/**
 * Runs one transaction of a chain.
 * @returns `linked` when the next one has begun; `ended` when the commit failed, and the driver has taken the connection back; `stale`
 *   when nothing is decided, and all has to be rolled back
 */
async function runLinked (unsafe: Unsafe, { statements, resolve, reject }: Job): Promise<'linked' | 'ended' | 'stale'> {
  let failure: { error: unknown } | undefined
  const failed = (error: unknown): void => { failure ??= { error } }
  const queries = statements(unsafe)
  let unanswered = queries.length
  let answer: unknown
  for (const query of queries) query.then((rows) => { unanswered--; answer = rows }, (error: unknown) => { unanswered--; failed(error) })
  try {
    await unsafe('commit and chain')
  } catch (error) {
    failed(error)
    reject(failure!.error)
    return 'ended'
  }
  // `postgres` repeats a prepared statement whose plan has gone stale behind what was sent with it: in the next transaction, which is
  // not the user's. Nothing may be sent until it is done.
  if (unanswered > 0) {
    await Promise.allSettled(queries)
    return 'stale'
  }
  if (failure === undefined) resolve(answer)
  else reject(failure.error)
  return 'linked'
}

const ofClient = new WeakMap<PostgresJsClient, TransactionChains>()

/** Those of a pool, the same for all scopes on it. */
export function transactionChainsOf (client: PostgresJsClient): TransactionChains {
  let chains = ofClient.get(client)
  if (chains === undefined) ofClient.set(client, chains = new TransactionChains(client))
  return chains
}
