import { never, type PostgresJsClient, type Unsafe } from './client.js'
import { mostAtOnce } from './pipelines.js'
import { runLink, sendLink, type LinkStatements, type Outcome } from './chained-transaction.js'
import type { Waiter, Waits } from './waits.js'

/** One transaction of a chain. */
interface Link extends Waiter {
  statements: LinkStatements
  isRepeatable: boolean
  isTaken: boolean
  resolve (answer: unknown): void
  reject (error: unknown): void
}

// A connection goes on while others wait; not for ever, since what is outside of short transactions waits for it in the driver's queue.
const longestChain = 64

/**
 * Short transactions on the connections of one pool of `postgres`. The statements of one are sent at once, and `commit and chain`
 * with them, so that the next transaction that waits for a connection has begun when this one ends. Where several wait that may run twice,
 * they are sent behind each other without waiting for answers: should the commit of one fail, those behind it have run in no transaction,
 * as the role that connects, and are made again.
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

  /** @param options `isRepeatable`: whether the statements have no effect at all, so that they may run twice, and outside of a transaction */
  run (statements: LinkStatements, { isRepeatable }: { isRepeatable: boolean }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const link: Link = {
        statements,
        isRepeatable,
        resolve,
        reject,
        isTaken: false,
        isWaiting: () => !link.isTaken,
        giveUp: (error) => {
          if (link.isTaken) return
          this.#waiting.splice(this.#waiting.indexOf(link), 1)
          link.isTaken = true
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

  // One, and where it and those behind it may run twice, the share of one connection in those that no other connection begins for.
  #takeSome (): Link[] {
    const others = Math.max(0, this.#waiting.length - 1 - this.#beginning)
    const share = Math.min(1 + Math.ceil(others / this.#client.options.max), mostAtOnce)
    const first = this.#take()
    if (first === undefined) return []
    const links = [first]
    while (first.isRepeatable && this.#waiting[0]?.isRepeatable === true && links.length < share) links.push(this.#take()!)
    return links
  }

  #putBack (links: Link[]): void {
    for (const link of links) {
      link.isTaken = false
      this.#waits.add(link)
    }
    this.#waiting.unshift(...links)
  }

  #beginIfNeeded (): void {
    while (this.#waiting.length > this.#beginning && this.#chains < this.#client.options.max) this.#begin()
  }

  #begin (): void {
    const cause = this.#waiting[this.#beginning]!
    this.#chains++
    this.#beginning++
    let begun = false
    let isOver = false
    let inHand: Link[] = []
    const ended = (): void => {
      if (isOver) return
      isOver = true
      if (!begun) this.#beginning--
      this.#chains--
      // They were not answered, and may run twice.
      this.#putBack(inHand.splice(0))
      this.#beginIfNeeded()
    }
    this.#client.begin(async ({ unsafe }) => {
      begun = true
      this.#beginning--
      for (let length = 0; length < longestChain;) {
        inHand = this.#takeSome()
        if (inHand.length === 0) return
        length += inHand.length
        if (await runLinks(unsafe, inHand)) continue
        ended()
        // The driver would send its own end of the transaction, on a connection that is gone or somebody else's by now.
        await never()
      }
    }).catch((error: unknown) => {
      // The connection could not be had, or was lost: whoever it was for, or was on it, is told.
      if (begun) inHand.shift()?.reject(error)
      else if (cause.isWaiting()) cause.giveUp(error as Error)
    }).finally(ended)
  }
}

/**
 * Runs transactions, and takes those that are done out of the list, which is the chain's own: it is emptied under way when the connection
 * is lost.
 * @returns whether the next one has begun; otherwise the connection is lost, or the driver has taken it back, and those left in the list
 * are to be made again
 */
async function runLinks (unsafe: Unsafe, links: Link[]): Promise<boolean> {
  for (const sent of links.map(async (link) => await sendLink(unsafe, link.statements))) {
    const outcome = await sent
    const link = links.shift()
    if (link === undefined) return false
    // Behind those that are still under way: with nothing behind it.
    if (outcome === 'again') links.push(link)
    else if (!settle(link, outcome)) return false
  }
  for (let link = links[0]; link !== undefined; link = links[0]) {
    const outcome = await runLink(unsafe, link.statements)
    if (links.shift() !== link || !settle(link, outcome)) return false
  }
  return true
}

/** @returns whether the next transaction has begun */
function settle ({ resolve, reject }: Link, { answer, failure, isLinked }: Outcome): boolean {
  if (failure === undefined) resolve(answer)
  else reject(failure.error)
  return isLinked
}
