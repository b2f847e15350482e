import type { PostgresJsClient } from './client.js'

/**
 * Whether the connections of a pool are the server's own processes, or those of a pooler, which says a process number
 * of its own when it is connected to.
 *
 * PgBouncer in transaction mode gives a server away with the result of the last `Sync`. `postgres` asks first what the
 * values of a new statement are, without a `Sync`: sent behind another statement this reaches a server that is free for
 * somebody else, and nobody gets its result (PgBouncer 1.18).
 */
export class ServerProcesses {
  readonly #client: PostgresJsClient
  #isDirect: boolean | undefined
  #isAsked = false

  constructor (client: PostgresJsClient) {
    this.#client = client
  }

  /** Whether it is known that no pooler is between; asks when it is not known yet, without waiting for the result. */
  isDirect (): boolean {
    if (this.#isDirect === undefined && !this.#isAsked) this.#ask()
    return this.#isDirect === true
  }

  #ask (): void {
    this.#isAsked = true
    const query = this.#client.unsafe('select pg_backend_pid()', [], { onexecute: () => false })
    query.values().then((rows) => {
      this.#isDirect = String((rows as unknown[][])[0]![0]) === String(query.state!.pid)
    }, () => {
      // The database is away: to be asked again.
      this.#isAsked = false
    })
  }
}
