import { isForgotten, never, type PostgresJsClient, type Query, type Unsafe } from './driver.js'
import type { Waiter, Waits } from './waits.js'

// What runs between `begin` and `commit`, in order; the last one has the answer.
type LinkStatements = (unsafe: Unsafe) => Query[]

/** One transaction of a chain. */
interface Link extends Waiter {
  statements: LinkStatements
  isTaken: boolean
  resolve (answer: unknown): void
  reject (error: unknown): void
}

// A connection goes on while others wait; not for ever, since what is outside of short transactions waits for it in the driver's queue.
const longestChain = 16

/**
 * Short transactions on the connections of one pool of `postgres`. The statements of one are sent at once, and `commit and chain`
 * with them, so that the next transaction that waits for a connection has begun when this one ends.
 *
 * `reserve()` of the driver would take a connection more directly, but a reservation that waits while the database goes away
 * takes its connection with it for good (seen with 3.4.9).
 */
export class TransactionChains {
  readonly #client: PostgresJsClient
  readonly #waits: Waits
  readonly #waiting: Link[] = []
  #chains = 0
  #beginning = 0

  constructor (client: PostgresJsClient, waits: Waits) {
    this.#client = client
    this.#waits = waits
  }

  run (statements: LinkStatements): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const link: Link = {
        statements,
        resolve,
        reject,
        isTaken: false,
        isWaiting: () => !link.isTaken,
        giveUp: (error) => {
          this.#waiting.splice(this.#waiting.indexOf(link), 1)
          reject(error)
        }
      }
      this.#waiting.push(link)
      this.#waits.add(link)
      this.#beginIfNeeded()
    })
  }

  #take (): Link | undefined {
    const link = this.#waiting.shift()
    if (link !== undefined) link.isTaken = true
    return link
  }

  #beginIfNeeded (): void {
    if (this.#waiting.length <= this.#beginning || this.#chains >= this.#client.options.max) return
    this.#chains++
    this.#beginning++
    let begun = false
    let isOver = false
    let link: Link | undefined
    const ended = (): void => {
      if (isOver) return
      isOver = true
      if (!begun) this.#beginning--
      this.#chains--
      this.#beginIfNeeded()
    }
    this.#client.begin(async ({ unsafe }) => {
      begun = true
      this.#beginning--
      for (let length = 0; length < longestChain; length++) {
        link = this.#take()
        if (link === undefined) return
        if (await runLink(unsafe, link)) continue
        ended()
        // The driver would send its own end of the transaction, on a connection that is gone or somebody else's by now.
        await never
      }
    }).catch((error: unknown) => {
      // The connection could not be had, or was lost: whoever was on it, or came for it, is told.
      if (!begun) link = this.#take()
      link?.reject(error)
    }).finally(ended)
  }
}

// Each of the two statements may have to be prepared anew, and each of that may first be found out.
const mostAttempts = 4

/**
 * Runs one transaction of a chain.
 * @returns whether the next one has begun; otherwise the connection is lost, or the driver has taken it back
 */
async function runLink (unsafe: Unsafe, link: Link): Promise<boolean> {
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const outcome = await tryLink(unsafe, link, attempt > 0)
    if (outcome !== 'again') return outcome === 'linked'
  }
  link.reject(Object.assign(new Error('The plan of a statement goes stale again and again'), { code: '40001' }))
  return true
}

/** @returns `again` when nothing was done, and the driver may have prepared anew what the server had forgotten */
async function tryLink (unsafe: Unsafe, { statements, resolve, reject }: Link, mayRepeat: boolean): Promise<'linked' | 'ended' | 'again'> {
  let failure: { error: unknown } | undefined
  const failed = (error: unknown): void => { failure ??= { error } }
  const queries = statements(unsafe)
  let unanswered = queries.length
  let answer: unknown
  for (const query of queries) query.then((rows) => { unanswered--; answer = rows }, (error: unknown) => { unanswered--; failed(error) })
  const committed = unsafe('commit and chain')
  // Two statements that the driver repeats at once would take each other's answers.
  if (!mayRepeat) queueMicrotask(() => { forbidRepeating(queries.at(-1)!) })
  try {
    await committed
    // The driver repeats behind what was sent with the statement: in the next transaction, which is not the user's. Nothing may be sent
    // until it is done.
    if (unanswered > 0) {
      await Promise.allSettled(queries)
      await unsafe('rollback and chain')
      return 'again'
    }
  } catch (error) {
    failed(error)
    reject(failure!.error)
    return 'ended'
  }
  if (failure === undefined) resolve(answer)
  else if (!mayRepeat && isForgotten(failure.error)) return 'again'
  else reject(failure.error)
  return 'linked'
}

// Once it is sent: what waits for the connection has still to say how.
function forbidRepeating (query: Query): void {
  if (query.state !== null) query.prepared = false
}
