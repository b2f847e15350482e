import { createHash } from 'node:crypto'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { ScopedDialect } from './dialect.js'
import { tableFacts } from './table-facts.js'
import { TableShapes } from './table-shapes.js'

const maxNames = 1000

/** What the scopes of one database share: names of prepared statements, and shapes compiled once a table. */
export class Statements {
  readonly #names = new Map<string, string>()
  readonly #seenOnce = new Set<string>()
  readonly #shapes = new WeakMap<object, TableShapes>()
  readonly #template: ScopedDialect
  readonly #prepare: boolean

  /**
   * @param template a dialect whose user is the placeholder `me`
   * @param prepare whether the driver may keep prepared statements
   */
  constructor (template: ScopedDialect, prepare: boolean) {
    this.#template = template
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
    if (name === undefined) this.#names.set(text, name = `scoped_${createHash('sha256').update(text).digest('base64url')}`)
    return name
  }

  shapesOf (table: PgTable): TableShapes {
    const { identity } = tableFacts(table)
    let shapes = this.#shapes.get(identity)
    if (shapes === undefined) this.#shapes.set(identity, shapes = new TableShapes(table, this.#template))
    return shapes
  }
}
