import { createHash, randomUUID } from 'node:crypto'

const maxNames = 1000

// So many statements of a pool are forgotten within a minute where someone says `deallocate all`, and more where
// nobody keeps them.
const manyRenewals = 200
const longWhile = 60_000

/** Names of prepared statements, shared by the scopes of one database. */
export class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #seenOnce = new Set<string>()
  #prepare: boolean
  #renewals = 0
  #since = 0
  /** Told once, when statements are not prepared any more. */
  warn: (sentence: string) => void = (sentence) => { process.emitWarning(sentence, 'FastifyAuthIntegrationWarning') }

  /** @param prepare whether the driver may keep prepared statements */
  constructor (prepare: boolean) {
    this.#prepare = prepare
  }

  /**
   * The name to prepare a text under, from the second time it is seen and until the server has enough of them:
   * `inArray` makes a new text for every length.
   */
  nameOf (text: string): string | undefined {
    const name = this.#names.get(text)
    if (name !== undefined || !this.#prepare || this.#names.size >= maxNames) return name
    if (this.#seenOnce.delete(text)) return this.nameNow(text)
    // The one that has waited longest makes room.
    if (this.#seenOnce.size >= maxNames) this.#seenOnce.delete(this.#seenOnce.values().next().value!)
    this.#seenOnce.add(text)
    return undefined
  }

  /** The name of a text that is known to come back. */
  nameNow (text: string): string | undefined {
    if (!this.#prepare || this.#names.size >= maxNames) return this.#names.get(text)
    let name = this.#names.get(text)
    // Made from the text, since other scopes may name statements on the same connections.
    if (name === undefined) {
      this.#names.set(text, name = `scoped_${createHash('sha256').update(text).digest('base64url')}`)
    }
    return name
  }

  /**
   * Gives a text another name, since the server does not know the one it has. After many of these, or one that only a
   * pooler brings about,
   * nothing is named any more.
   * @param code SQLSTATE
   */
  renew (text: string, code?: string): void {
    const name = this.#names.get(text)
    if (!this.#prepare || name === undefined) return
    if (performance.now() - this.#since > longWhile) [this.#renewals, this.#since] = [0, performance.now()]
    if (++this.#renewals > manyRenewals || code === '42P05' || code === '08P01') return this.#stop()
    this.#names.set(text, `${name.split('.')[0]!}.${randomUUID()}`)
  }

  #stop (): void {
    this.#prepare = false
    this.#names.clear()
    this.warn('The database does not know the prepared statements of its own connections, ' +
      'as behind PgBouncer in transaction mode: request.db goes on without prepared statements, which is slower. ' +
      'PgBouncer 1.21 and later keeps them with max_prepared_statements')
  }
}
