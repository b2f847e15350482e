import { never, type PostgresJsClient, type Query, type Unsafe } from './driver.js'
import type { Waiter, Waits } from './waits.js'

// What runs between `begin` and `commit`, in order; the last one has the answer.
type LinkStatements = (unsafe: Unsafe) => Query[]

/** One transaction of a chain. */
interface Link extends Waiter {
  statements: LinkStatements
  isRepeated: boolean
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
        isRepeated: false,
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

  // Nothing of it was committed, and its statement is prepared anew by now.
  #repeat (link: Link): void {
    if (link.isRepeated) return link.reject(Object.assign(new Error('The plan of a statement has gone stale twice'), { code: '40001' }))
    link.isRepeated = true
    link.isTaken = false
    this.#waiting.unshift(link)
    this.#waits.add(link)
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
        const outcome = await runLink(unsafe, link)
        if (outcome === 'stale') {
          this.#repeat(link)
          link = undefined
          throw new Error('The transaction of a repeated statement is rolled back')
        }
        if (outcome === 'linked') continue
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

/**
 * Runs one transaction of a chain.
 * @returns `linked` when the next one has begun; `ended` when the commit failed, and the driver has taken the connection back; `stale`
 *   when nothing is decided, and all has to be rolled back
 */
async function runLink (unsafe: Unsafe, { statements, resolve, reject }: Link): Promise<'linked' | 'ended' | 'stale'> {
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
