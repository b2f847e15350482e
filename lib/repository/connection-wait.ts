import { isPostgresJs, type PostgresJsClient, type Query } from './postgres-js.js'

// What is taken of `postgres`: a statement has no state until it is sent, and what is sent is read from it then.
interface UnsentQuery {
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

/**
 * What waits for a connection, with one timer for all of it: hardly anything waits so long.
 * @typeParam Item asked whether it waits still, and told when it has waited long enough
 */
export class Waiting<Item> {
  readonly #limit: number
  readonly #isWaiting: (item: Item) => boolean
  readonly #giveUp: (item: Item) => void
  #items: Array<{ item: Item, until: number }> = []
  #most = fewItems
  #timer: NodeJS.Timeout | undefined

  /** @param limit milliseconds */
  constructor (limit: number, isWaiting: (item: Item) => boolean, giveUp: (item: Item) => void) {
    this.#limit = limit
    this.#isWaiting = isWaiting
    this.#giveUp = giveUp
  }

  add (item: Item): void {
    this.#items.push({ item, until: performance.now() + this.#limit })
    if (this.#items.length > this.#most) this.#dropServed()
    this.#timer ??= this.#wake()
  }

  #dropServed (): void {
    this.#items = this.#items.filter(({ item }) => this.#isWaiting(item))
    this.#most = Math.max(fewItems, 2 * this.#items.length)
  }

  #wake (): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#dropServed()
      const now = performance.now()
      const late = this.#items.findIndex(({ until }) => until > now)
      for (const { item } of this.#items.splice(0, late === -1 ? this.#items.length : late)) this.#giveUp(item)
      this.#timer = this.#items.length > 0 ? this.#wake() : undefined
    }, Math.max(1, Math.ceil(this.#items[0]!.until - performance.now())))
    return timer.unref()
  }
}

const fewItems = 64

const waitingStatements = new WeakMap<PostgresJsClient, Waiting<UnsentQuery>>()

/** Rejects a statement of a pool that no connection has taken in time; it is never sent then. */
export function giveUpInTime (client: PostgresJsClient, limit: number, query: Query): void {
  let waiting = waitingStatements.get(client)
  if (waiting === undefined) waitingStatements.set(client, waiting = new Waiting(limit, ({ state }) => state === null, withdraw))
  waiting.add(query as unknown as UnsentQuery)
}

// To cancel it would lose the connection that is being opened for it; this runs in its place, for nobody.
function withdraw (query: UnsentQuery): void {
  query.strings = ['select']
  query.args = []
  query.reject(noConnection())
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
