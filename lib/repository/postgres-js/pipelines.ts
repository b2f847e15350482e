/**
 * How many statements follow each other on one connection of a pool before the first of them is answered: each connection takes
 * its share of those that wait, and nothing follows where nobody waits.
 *
 * `postgres` would put a statement behind a slow one while other connections are about to be free, and all that wait behind the first
 * that is. The list in which it looks for a connection with room keeps a place for each statement it ever sent behind another, and is
 * searched each time, so that under steady load every statement costs more than the one before (seen with 3.4.9).
 */
export class Pipelines {
  readonly #connections: number
  readonly #sent = new WeakMap<object, number>()
  #waiting = 0

  /** @param connections the most that the pool opens */
  constructor (connections: number) {
    this.#connections = connections
  }

  /** Counts a statement that waits for a connection. */
  waits (): void {
    this.#waiting++
  }

  /** Takes back {@link waits} for a statement that no connection has said it took. */
  waitsNoMore (): void {
    this.#waiting--
  }

  /**
   * Notes that a connection took one of those that wait.
   * @returns whether another may be sent behind it
   */
  taken (connection: object): boolean {
    this.#waiting--
    const sent = (this.#sent.get(connection) ?? 0) + 1
    const mayFollow = sent <= Math.ceil(this.#waiting / this.#connections)
    this.#sent.set(connection, mayFollow ? sent : 0)
    return mayFollow
  }
}
