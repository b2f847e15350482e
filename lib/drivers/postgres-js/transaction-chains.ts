import { never, type PostgresJsClient, type Unsafe } from './client.js'
import { mostAtOnce } from './pipelines.js'
import { runAlone, sendTransaction, type TransactionStatements, type Outcome } from './chained-transaction.js'
import type { Waiter, Waits } from './waits.js'

/** One transaction of a chain. */
interface ChainedTransaction extends Waiter {
  statements: TransactionStatements
  isRepeatable: boolean
  isTaken: boolean
  resolve (result: unknown): void
  reject (error: unknown): void
}

// A connection goes on while others wait; not for ever, since what is outside of short transactions waits for it in the
// driver's queue.
const longestChain = 64

/**
 * Short transactions on the connections of one pool of `postgres`. The statements of one are sent at once, and `commit
 * and chain` with them, so that the next transaction that waits for a connection has begun when this one ends. Where
 * several wait that may run twice, they are sent behind each other without waiting for results: should the commit of
 * one fail, those behind it have run in no transaction, as the role that connects, and are made again.
 *
 * `reserve()` of the driver would take a connection more directly, but a reservation that waits while the database goes
 * away takes its connection with it for good (seen with 3.4.9).
 */
export class TransactionChains {
  readonly #client: PostgresJsClient
  readonly #waits: Waits
  readonly #waiting: ChainedTransaction[] = []
  #chains = 0
  #beginning = 0

  constructor (client: PostgresJsClient, waits: Waits) {
    this.#client = client
    this.#waits = waits
  }

  /**
   * @param options `isRepeatable`: whether the statements have no effect at all, so that they may run twice, and
   * outside of a transaction
   */
  run (statements: TransactionStatements, { isRepeatable }: { isRepeatable: boolean }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const transaction: ChainedTransaction = {
        statements,
        isRepeatable,
        resolve,
        reject,
        isTaken: false,
        isWaiting: () => !transaction.isTaken,
        giveUp: (error) => {
          if (transaction.isTaken) return
          this.#waiting.splice(this.#waiting.indexOf(transaction), 1)
          transaction.isTaken = true
          reject(error)
        }
      }
      this.#waiting.push(transaction)
      this.#waits.add(transaction)
      this.#beginIfNeeded()
    })
  }

  #take (): ChainedTransaction | undefined {
    const transaction = this.#waiting.shift()
    if (transaction !== undefined) transaction.isTaken = true
    return transaction
  }

  // One, and where it and those behind it may run twice, the share of one connection in those that no other connection
  // begins for.
  #takeSome (): ChainedTransaction[] {
    const others = Math.max(0, this.#waiting.length - 1 - this.#beginning)
    const share = Math.min(1 + Math.ceil(others / this.#client.options.max), mostAtOnce)
    const first = this.#take()
    if (first === undefined) return []
    const transactions = [first]
    while (
      first.isRepeatable && this.#waiting[0]?.isRepeatable === true && transactions.length < share
    ) transactions.push(this.#take()!)
    return transactions
  }

  #putBack (transactions: ChainedTransaction[]): void {
    for (const transaction of transactions) {
      transaction.isTaken = false
      this.#waits.add(transaction)
    }
    this.#waiting.unshift(...transactions)
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
    let inHand: ChainedTransaction[] = []
    const ended = (): void => {
      if (isOver) return
      isOver = true
      if (!begun) this.#beginning--
      this.#chains--
      // They have no result, and may run twice.
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
        if (await runAll(unsafe, inHand)) continue
        ended()
        // The driver would send its own end of the transaction, on a connection that is gone or somebody else's by now.
        await never()
      }
    }).catch((error: unknown) => {
      // The connection could not be had, or was lost: whoever it was for, or was on it, gets the error.
      if (begun) inHand.shift()?.reject(error)
      else if (cause.isWaiting()) cause.giveUp(error as Error)
    }).finally(ended)
  }
}

/**
 * Runs transactions, and takes those that are done out of the list, which is the chain's own: it is emptied under way
 * when the connection is lost.
 * @returns whether the next one has begun; otherwise the connection is lost, or the driver has taken it back, and those
 * left in the list are to be made again
 */
async function runAll (unsafe: Unsafe, transactions: ChainedTransaction[]): Promise<boolean> {
  for (const sent of transactions.map(async (transaction) => await sendTransaction(unsafe, transaction.statements))) {
    const outcome = await sent
    const transaction = transactions.shift()
    if (transaction === undefined) return false
    // Behind those that are still under way: with nothing behind it.
    if (outcome === 'again') transactions.push(transaction)
    else if (!settle(transaction, outcome)) return false
  }
  for (let transaction = transactions[0]; transaction !== undefined; transaction = transactions[0]) {
    const outcome = await runAlone(unsafe, transaction.statements)
    if (transactions.shift() !== transaction || !settle(transaction, outcome)) return false
  }
  return true
}

/** @returns whether the next transaction has begun */
function settle ({ resolve, reject }: ChainedTransaction, { result, failure, hasNextBegun }: Outcome): boolean {
  if (failure === undefined) resolve(result)
  else reject(failure.error)
  return hasNextBegun
}
