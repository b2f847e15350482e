import { isPostgresJs, type PostgresJsClient, type Query } from './postgres-js.js'

// What is taken of `postgres`: a statement has no state until it is sent, and what is sent is read from it then.
interface UnsentQuery extends Promise<unknown> {
  execute (): void
  reject (error: Error): void
  state: object | null
  strings: string[]
  args: unknown[]
}

/**
 * How long a statement or transaction may wait for a free connection: as long as to connect, in milliseconds. `pg` has one bound for
 * both; `postgres` would wait for as long as it takes, and the request with it.
 * @returns `undefined` where the driver sees to it, and where its time-out is switched off
 */
export function longestWait (session: object): number | undefined {
  return isPostgresJs(session) ? longestWaitOf(session.client) : undefined
}

/** The same of a pool of `postgres`. */
export function longestWaitOf ({ options }: PostgresJsClient): number | undefined {
  return options.connect_timeout ? options.connect_timeout * 1000 : undefined
}

/** Rejects a statement that no connection has taken in time; it is never sent then. */
export function giveUpWaiting (query: Query, limit: number): void {
  const statement = query as unknown as UnsentQuery
  // It is handed to a connection on the next tick, unless none is free.
  statement.execute()
  queueMicrotask(() => { if (statement.state === null) withdrawLater(statement, limit) })
}

function withdrawLater (query: UnsentQuery, limit: number): void {
  const timer = setTimeout(() => {
    if (query.state !== null) return
    // To cancel it would lose the connection that is being opened for it; this runs in its place, for nobody.
    query.strings = ['select']
    query.args = []
    query.reject(noConnection())
  }, limit)
  const over = (): void => clearTimeout(timer)
  query.then(over, over)
}

/** The wait of one transaction for its connection. */
export class ConnectionWait {
  readonly #timer: NodeJS.Timeout | undefined
  #isLate = false
  #giveUp: ((error: Error) => void) | undefined

  /** @param limit milliseconds; `undefined` waits for as long as it takes */
  constructor (limit: number | undefined) {
    if (limit === undefined) return
    this.#timer = setTimeout(() => {
      this.#isLate = true
      this.#giveUp?.(noConnection())
    }, limit)
  }

  /**
   * Ends the wait, with a connection.
   * @throws {Error} when it was given up before
   */
  over (): void {
    clearTimeout(this.#timer)
    if (this.#isLate) throw noConnection()
  }

  /** What the work answers, or the error of having waited too long for its connection. */
  async orLate<T> (work: Promise<T>): Promise<T> {
    try {
      return await new Promise((resolve, reject) => {
        this.#giveUp = reject
        work.then(resolve, reject)
      })
    } finally {
      clearTimeout(this.#timer)
    }
  }
}

/** With the driver's own code for a connection that could not be had in time. */
export function noConnection (): Error {
  return Object.assign(new Error('No connection of the pool became free in time'), { code: 'CONNECT_TIMEOUT' })
}
