import { Param, type Placeholder } from 'drizzle-orm'
import type { DrizzleDialect, Cast } from '../drizzle/contract.js'
import { inlined, mostValues, tooManyValues } from './encoded-values.js'
import {
  columnPrefix, isOpenPattern, parameterStandIn, openPatternStandIn, subqueryStandIn, valueStandIn
} from './fragments.js'

// Longer than any word that is looked for.
const longestTail = 8

/** What its names and values are written with. */
export type TextDialect = DrizzleDialect & { toDriver (value: unknown): unknown }

/**
 * A statement's text and its parameters as they grow. What stands in a fragment is written down twice: once to be sent,
 * and once with stand-ins for values and sub-queries, to be judged.
 */
export class StatementText {
  readonly params: unknown[] = []
  /** Whether what is written now is a caller's. */
  inFragment = false
  #text = ''
  #judged = ''
  #tail = ''
  #isTailOver = false
  #inline = false
  readonly #dialect: TextDialect

  constructor (dialect: TextDialect) {
    this.#dialect = dialect
  }

  get text (): string {
    return this.#text
  }

  write (text: string): void {
    this.#text += text
    if (this.inFragment) this.#judge(text)
  }

  /** The name of a column that Drizzle knows. */
  writeColumn (name: string): void {
    this.#text += name
    if (this.inFragment) this.#judge(columnPrefix + name)
  }

  /** Whether what comes next is a pattern of `like`. */
  get isBehindLike (): boolean {
    return this.inFragment && this.#tail.toLowerCase().endsWith('like')
  }

  // The end of it is kept apart: to look at a text that is still growing, V8 copies all of it, for each value again.
  #judge (text: string): void {
    this.#judged += text
    const end = text.length > longestTail ? text.slice(-longestTail) : text
    const words = end.trimEnd()
    if (words !== '') this.#tail = (this.#tail + (this.#isTailOver ? ' ' : '') + words).slice(-longestTail)
    this.#isTailOver = words === '' ? this.#isTailOver || end !== '' : words !== end
  }

  /** A value, as a parameter or, where values are inlined, as a literal. */
  bind (value: unknown, cast?: Cast): void {
    const isOpen = this.isBehindLike && isOpenPattern(value)
    if (this.#inline) {
      this.write(inlined(value, this.#dialect))
      if (isOpen) this.#judge(openPatternStandIn)
      return
    }
    this.#send(this.#dialect.toDriver(value), isOpen ? openPatternStandIn : valueStandIn, cast)
  }

  /** A value that is not known yet, so it is sent even where values are inlined. */
  sendLater (placeholder: Placeholder, encoded: (value: unknown) => unknown, cast?: Cast): void {
    this.#send(
      new Param(
        placeholder, { mapToDriverValue: (value: unknown) => this.#dialect.toDriver(encoded(value)) }
      ), parameterStandIn, cast
    )
  }

  #send (value: unknown, standIn: string, cast: Cast = (place) => place): void {
    // Before the work of writing what cannot be sent.
    if (this.params.length >= mostValues) throw tooManyValues()
    this.#text += cast(this.#dialect.escapeParam(this.params.length))
    if (this.inFragment) this.#judge(cast(standIn))
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
    this.#judged = this.#tail = ''
    this.inFragment = true
    write()
    this.inFragment = false
    return {
      judged: this.#judged,
      replace: (change) => { this.#text = this.#text.slice(0, start) + change(this.#text.slice(start)) }
    }
  }

  /** Takes what the callback writes for a statement of its own, which in a fragment is a sub-query. */
  asStatement (write: () => void): void {
    const { inFragment } = this
    const inline = this.#inline
    if (inFragment) {
      this.#judge(subqueryStandIn)
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
