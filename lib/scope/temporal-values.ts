import type { Column } from 'drizzle-orm'
import { temporalKindOf, type TemporalKind } from '../drizzle/temporal.js'
import { errors } from '../errors.js'

// As PostgreSQL writes them too, so that what was read can be written back: years before Christ, offsets with seconds.
const isoDate = /^[+-]?\d{4,6}-\d{2}-\d{2}(?: BC)?$/
const isoTimestamp =
  /^[+-]?\d{4,6}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2}(?::\d{2})?)?)?)?(?: BC)?$/i
const endless = /^-?infinity$/

/**
 * Refuses what is not a point in time before it reaches the driver, in each element of an array too; other columns take
 * what they take.
 * @throws errors.InvalidTimestamp naming the column, the value and the remedy
 */
export function checkTimestamp (column: object, value: unknown): void {
  const { kind, depth } = temporalKindOf(column)
  if (kind !== undefined) checkAt((column as Column).name, kind, depth, value)
}

// An array's own elements have no name, so the error names the column around them with the place in it.
function checkAt (place: string, kind: TemporalKind, depth: number, value: unknown): void {
  if (depth === 0) return checkValue(place, kind, value)
  if (!Array.isArray(value)) {
    throw new errors.InvalidTimestamp(
      `"${place}" takes a list, got ${value === null ? 'null' : `a value of type ${typeof value}`}`
    )
  }
  value.forEach((item, index) => {
    // PostgreSQL takes null as an element of any array, and not in the place of an inner one.
    if (item !== null || depth > 1) checkAt(`${place}[${index}]`, kind, depth - 1, item)
  })
}

function checkValue (place: string, kind: TemporalKind, value: unknown): void {
  if (kind === 'date') {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return
    throw new errors.InvalidTimestamp(`"${place}" takes a Date, got ${describe(value)}`)
  }
  if (typeof value === 'string') {
    if (endless.test(value)) return
    if ((kind === 'date text' ? isoDate : isoTimestamp).test(value) && isRealDay(value)) return
  }
  throw new errors.InvalidTimestamp(`"${place}" takes ISO 8601 text, got ${describe(value, textOf[kind])}`)
}

const textOf = { 'date text': '.toISOString().slice(0, 10)', 'timestamp text': '.toISOString()' }

// 31 April passes every pattern; Date.UTC moves it on to May.
function isRealDay (text: string): boolean {
  const [, year, month, day] = /^([+-]?\d+)-(\d+)-(\d+)/.exec(text)!.map(Number)
  const date = new Date(0)
  // The year 1 BC is the year 0.
  date.setUTCFullYear(text.endsWith('BC') ? 1 - year! : year!, month! - 1, day!)
  return date.getUTCMonth() === month! - 1 && date.getUTCDate() === day!
}

// Seconds since 1970 stay below this until the year 5138; milliseconds passed it in 1973.
const secondsBelow = 1e11

// Milliseconds before and after 1970 (ECMAScript, section 21.4.1.1).
const farthest = 8.64e15

function describe (value: unknown, suffix = ''): string {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
      ? 'an Invalid Date: check how it was parsed'
      : `a Date: use its ${suffix.slice(1)}`
  }
  const numeric = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim())
  if ((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint' || numeric) {
    const number = typeof value === 'string' ? value.trim() : String(value)
    const what = `the ${numeric ? 'numeric string' : 'number'} ${number}`
    if (Math.abs(Number(number)) > farthest) return `${what}, which is no point in time`
    return Math.abs(Number(number)) < secondsBelow
      ? `${what} (epoch seconds?): use new Date(${number} * 1000)${suffix}`
      : `${what} (epoch milliseconds?): use new Date(${number})${suffix}`
  }
  if (typeof value === 'string') {
    const shown = JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
    const isRead = value.length <= 40 && !Number.isNaN(Date.parse(value)) &&
      (!/^[+-]?\d{4,6}-\d/.test(value) || (suffix === '' && isoTimestamp.test(value) && isRealDay(value)))
    return isRead ? `the string ${shown}: use new Date(${shown})${suffix}` : `the string ${shown}`
  }
  return `${value === null ? 'null' : `a value of type ${typeof value}`}${suffix === '' ? ': use a Date' : ''}`
}
