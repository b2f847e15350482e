import type { Column } from 'drizzle-orm'
import { valueKindOf } from '../drizzle/value-kind.js'
import { errors } from '../errors.js'
import { shown } from '../internal/shown-value.js'

/**
 * Refuses a value that a column of this type has no text for, in each element of an array too. Drivers make of it what
 * they like: `{}` becomes `[object Object]`, `['a']` becomes `{"a"}`, and any text but `true` is false to one of them.
 * @returns the value; a boolean for a text that PostgreSQL reads as one
 * @throws errors.InvalidArgument naming the column and what it takes
 */
export function checkValue (column: object, value: unknown): unknown {
  const { kind, depth } = valueKindOf(column)
  if (depth === 0 && (kind === 'custom' || kind === 'other' || typeof value === 'string')) {
    return kind === 'boolean' ? toBoolean((column as Column).name, value) : value
  }
  return checkAt((column as Column).name, kind, depth, value)
}

/** What a type of the app's own has made of a value: a boolean goes as its text, since no operator takes it untyped. */
export function textOfCustom (column: object, value: unknown): unknown {
  return typeof value === 'boolean' && valueKindOf(column).kind === 'custom' ? String(value) : value
}

function checkAt (place: string, kind: string, depth: number, value: unknown): unknown {
  if (depth > 0) {
    if (!Array.isArray(value)) throw refused(place, 'a list', value)
    return value.map((item, index) => {
      // PostgreSQL takes null as an element of any array, and not in the place of an inner one.
      return item === null && depth === 1 ? null : checkAt(`${place}[${index}]`, kind, depth - 1, item)
    })
  }
  if (kind === 'boolean') return toBoolean(place, value)
  if (kind === 'text' && !isText(value)) throw refused(place, 'one value', value)
  return value
}

function isText (value: unknown): boolean {
  return ['string', 'number', 'bigint'].includes(typeof value) || value instanceof Date || value instanceof Uint8Array
}

// The texts of the PostgreSQL manual, section 8.6, each of which may be cut off while it is unique.
const yes = /^(?:t|tr|tru|true|y|ye|yes|on|1)$/i
const no = /^(?:f|fa|fal|fals|false|n|no|of|off|0)$/i

function toBoolean (place: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  if (typeof value === 'string') {
    if (yes.test(value.trim())) return true
    if (no.test(value.trim())) return false
  }
  throw refused(place, 'true or false', value)
}

function refused (place: string, what: string, value: unknown): Error {
  return new errors.InvalidArgument(`"${place}" takes ${what}, got ${shown(value)}`)
}
