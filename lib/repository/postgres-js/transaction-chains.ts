import { never, type PostgresJsClient, type Unsafe } from './driver.js'
import { runLink, sendLink, type LinkStatements, type Outcome } from './transaction-link.js'
import type { Waiter, Waits } from './waits.js'

/** One transaction of a chain. */
interface Link extends Waiter {
  statements: LinkStatements
  /** Writes nothing, so that nothing is amiss when it has to run again. */
  isRead: boolean
  isTaken: boolean
  resolve (answer: unknown): void
  reject (error: unknown): void
}

// A connection goes on while others wait; not for ever, since what is outside of short transactions waits for it in the driver's queue.
const longestChain = 64
// As many are sent behind each other at most.
const mostAtOnce = 8

/**
 * Short transactions on the connections of one pool of `postgres`. The statements of one are sent at once, and `commit and chain`
 * with them, so that the next transaction that waits for a connection has begun when this one ends. Where several wait that only read, they
 * are sent behind each other without waiting for answers.
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

  /** @param isRead whether the statements write nothing, and lock nothing */
  run (statements: LinkStatements, isRead: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const link: Link = {
        statements,
        isRead,
        resolve,
        reject,
        isTaken: false,
        isWaiting: () => !link.isTaken,
        giveUp: (error) => {
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

  // One, and where it and those behind it only read, the share of one connection in those that wait.
  #takeSome (): Link[] {
    const share = 1 + Math.ceil((this.#waiting.length - 1) / this.#client.options.max)
    const first = this.#take()
    if (first === undefined) return []
    const links = [first]
    while (first.isRead && this.#waiting[0]?.isRead === true && links.length < Math.min(share, mostAtOnce)) links.push(this.#take()!)
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
    if (this.#waiting.length <= this.#beginning || this.#chains >= this.#client.options.max) return
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
      // Of those in hand nothing was done, or nothing that counts.
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
        await never
      }
    }).catch((error: unknown) => {
      // The connection could not be had, or was lost: whoever it was for, or was on it, is told.
      if (begun) inHand.shift()?.reject(error)
      else if (cause.isWaiting()) cause.giveUp(error as Error)
    }).finally(ended)
  }
}

/**
 * Runs transactions, and takes those that are done out of the list.
 * @returns whether the next one has begun; otherwise the connection is lost, or the driver has taken it back, and what was sent
 * behind ran in no transaction, and so for nobody
 */
async function runLinks (unsafe: Unsafe, links: Link[]): Promise<boolean> {
  for (const sent of links.map(async (link) => await sendLink(unsafe, link.statements))) {
    const outcome = await sent
    const link = links.shift()
    if (link === undefined) return false
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
