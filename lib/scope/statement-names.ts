import { createHash } from 'node:crypto'

const maxNames = 1000

/** Names of prepared statements, shared by the scopes of one database. */
export class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #seenOnce = new Set<string>()
  readonly #prepare: boolean

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
}
