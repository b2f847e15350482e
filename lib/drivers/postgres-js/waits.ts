import type { Query } from './client.js'

/** What waits for a connection. */
export interface Waiter {
  isWaiting (): boolean
  giveUp (error: Error): void
}

const few = 64

// Milliseconds by which a timer is late in a process that is not busy.
const noticeable = 20

/**
 * Those who wait for a connection of one pool, with one timer for all: hardly anyone waits so long. The driver would
 * let them wait for as long as it takes, and their requests with them.
 */
export class Waits {
  readonly #limit: number | undefined
  #waiters: Array<{ waiter: Waiter, until: number }> = []
  #most = few
  #timer: NodeJS.Timeout | undefined

  /** @param limit milliseconds; `undefined` lets everyone wait */
  constructor (limit: number | undefined) {
    this.#limit = limit
  }

  add (waiter: Waiter): void {
    if (this.#limit === undefined) return
    this.#waiters.push({ waiter, until: performance.now() + this.#limit })
    if (this.#waiters.length > this.#most) this.#dropServed()
    this.#timer ??= this.#wake()
  }

  #dropServed (): void {
    this.#waiters = this.#waiters.filter(({ waiter }) => waiter.isWaiting())
    this.#most = Math.max(few, 2 * this.#waiters.length)
  }

  #wake (): NodeJS.Timeout {
    const due = Math.max(this.#waiters[0]!.until, performance.now() + 1)
    const timer = setTimeout(() => {
      this.#dropServed()
      const now = performance.now()
      // A busy process finds its timers due before it has read what came meanwhile: for as long as it was away, nobody
      // has waited.
      const away = now - due
      if (away > noticeable) for (const entry of this.#waiters) entry.until = Math.max(entry.until, now) + away
      const patient = this.#waiters.findIndex(({ until }) => until > now)
      for (
        const { waiter } of this.#waiters.splice(0, patient === -1 ? this.#waiters.length : patient)
      ) waiter.giveUp(noConnection())
      this.#timer = this.#waiters.length > 0 ? this.#wake() : undefined
    }, Math.ceil(due - performance.now()))
    // Whoever waits has a socket that keeps the process.
    return timer.unref()
  }
}

/** A statement on its way to a connection; given up, it is never sent. */
export class WaitingStatement implements Waiter {
  /** Not kept after it was sent, and its rows not with it. */
  query: Query | undefined

  /** Notes that it was sent, and keeps the driver from repeating it. */
  sent (): void {
    if (this.query !== undefined) this.query.prepared = false
    this.query = undefined
  }

  isWaiting (): boolean {
    return this.query !== undefined && this.query.state === null
  }

  giveUp (error: Error): void {
    if (this.query === undefined) return
    // To cancel it would lose the connection that is being opened for it; this runs in its place, for nobody.
    this.query.strings = ['select']
    this.query.args = []
    this.query.reject(error)
  }
}

/** A transaction on its way to a connection. */
export class WaitingTransaction implements Waiter {
  #isOver = false
  #late: Error | undefined
  #reject: ((error: Error) => void) | undefined

  isWaiting (): boolean {
    return !this.#isOver
  }

  giveUp (error: Error): void {
    this.#late = error
    this.#reject?.(error)
  }

  /**
   * Ends the wait, with a connection.
   * @throws {Error} when it was given up before
   */
  over (): void {
    this.#isOver = true
    if (this.#late !== undefined) throw this.#late
  }

  /** What the transaction resolves to, or the error of having waited too long for its connection. */
  async orLate<T> (transaction: Promise<T>): Promise<T> {
    return await new Promise((resolve, reject) => {
      this.#reject = reject
      transaction.then(resolve, reject).finally(() => { this.#isOver = true })
    })
  }
}

// With the driver's own code for a connection that could not be had in time.
function noConnection (): Error {
  return Object.assign(new Error('No connection of the pool became free in time'), { code: 'CONNECT_TIMEOUT' })
}
