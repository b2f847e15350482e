/** As many statements, or short transactions, are under way on one connection at most. */
export const mostAtOnce = 8

/** Statements that follow each other on one connection. */
export interface Batch {
  readonly connection: object
  sent: number
  pending: number
  /** Whether nothing more may be sent behind it. */
  isClosed: boolean
}

/**
 * How many statements of a pool follow each other on one connection before the first of them has its result: each
 * connection takes its share of those that no other connection is free for, and nothing is sent behind another while
 * one is.
 *
 * `postgres` puts all that wait behind the first connection that becomes free, and a quick statement behind a slow one.
 * Its queue of busy connections keeps a hole for each statement that was sent so, and is searched from its start each
 * time, so that under steady load every statement costs more than the one before (`Queue` of 3.4.9).
 */
export class Pipelines {
  readonly #connections: number
  readonly #isDirect: () => boolean
  readonly #underWay = new Map<object, Batch>()
  #waiting = 0

  /**
   * @param connections the most that the pool opens
   * @param isDirect whether it is known that no pooler is between the pool and PostgreSQL
   */
  constructor (connections: number, isDirect: () => boolean) {
    this.#connections = connections
    this.#isDirect = isDirect
  }

  /** Counts a statement that waits for a connection. */
  enqueued (): void {
    this.#waiting++
  }

  /** Counts a statement as sent, and says whether another may be sent behind it. */
  sentOn (connection: object): Batch {
    this.#waiting--
    let batch = this.#underWay.get(connection)
    // Behind one that is closed nothing is sent, so its results are there, though those who wait for it may not know
    // yet.
    if (batch === undefined || batch.isClosed) {
      this.#underWay.set(connection, batch = { connection, sent: 0, pending: 0, isClosed: false })
    }
    batch.sent++
    batch.pending++
    const free = this.#connections - this.#underWay.size
    batch.isClosed = batch.sent >= mostAtOnce ||
      batch.sent > Math.ceil((this.#waiting - free) / this.#connections) ||
      !this.#isDirect()
    return batch
  }

  /**
   * Counts a statement as done or given up.
   * @param batch what it was sent with, as far as the driver has said so
   */
  settled (batch: Batch | undefined): void {
    if (batch === undefined) this.#waiting--
    else if (
      --batch.pending === 0 && this.#underWay.get(batch.connection) === batch
    ) this.#underWay.delete(batch.connection)
  }
}
