import { Param, type Placeholder } from 'drizzle-orm'
import type { DialectInternals } from '../drizzle/internals.js'
import { inlined } from './encoded-values.js'
import { checkPattern, laterMark, subqueryMark, valueMark } from './fragments.js'

/** What its names and values are written with. */
export type WritingDialect = DialectInternals & { toDriver (value: unknown): unknown }

/**
 * A statement's text and its parameters as they grow. What stands in a fragment is written down twice: once to be sent, and once with
 * values and sub-queries replaced by marks, to be judged.
 */
export class StatementText {
  readonly params: unknown[] = []
  /** Whether what is written now is a caller's. */
  inFragment = false
  #text = ''
  #judged = ''
  #inline = false
  readonly #dialect: WritingDialect

  constructor (dialect: WritingDialect) {
    this.#dialect = dialect
  }

  get text (): string {
    return this.#text
  }

  write (text: string): void {
    this.#text += text
    if (this.inFragment) this.#judged += text
  }

  /** A value, as a parameter or, where values are inlined, as a literal. */
  bind (value: unknown): void {
    if (this.inFragment && /like\s*$/i.test(this.#judged)) checkPattern(value)
    if (this.#inline) return this.write(inlined(value, this.#dialect))
    this.#send(this.#dialect.toDriver(value), valueMark)
  }

  /** A value that is not known yet, so it is sent even where values are inlined. */
  sendLater (placeholder: Placeholder, encoded: (value: unknown) => unknown): void {
    this.#send(new Param(placeholder, { mapToDriverValue: (value: unknown) => this.#dialect.toDriver(encoded(value)) }), laterMark)
  }

  #send (value: unknown, mark: string): void {
    this.#text += this.#dialect.escapeParam(this.params.length)
    if (this.inFragment) this.#judged += mark
    this.params.push(value)
  }

  /** Inlines the values of what is written by the callback, if asked to. */
  asInlined (isAsked: boolean, write: () => void): void {
    const inline = this.#inline
    this.#inline ||= isAsked
    write()
    this.#inline = inline
  }

  /** Takes what the callback writes for a caller's. */
  asFragment (write: () => void): { judged: string, replace (change: (text: string) => string): void } {
    const start = this.#text.length
    this.#judged = ''
    this.inFragment = true
    write()
    this.inFragment = false
    return { judged: this.#judged, replace: (change) => { this.#text = this.#text.slice(0, start) + change(this.#text.slice(start)) } }
  }

  /** Takes what the callback writes for a statement of its own, which in a fragment is a sub-query. */
  asStatement (write: () => void): void {
    const { inFragment } = this
    const inline = this.#inline
    if (inFragment) {
      this.#judged += subqueryMark
      this.#text += '('
    }
    // Fragments inside are judged by themselves, and must not take from what is read of the one around them.
    const judged = this.#judged
    this.inFragment = false
    this.#inline = false
    write()
    this.#judged = judged
    this.#inline = inline
    this.inFragment = inFragment
    if (inFragment) this.#text += ')'
  }
}
