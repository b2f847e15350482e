import { entityKind } from 'drizzle-orm'
import { PgDate, PgDateString, PgTimestamp, PgTimestampString, timestamp } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'

const now = (): Date => new Date()

/**
 * Columns `created_at` and `updated_at`, both `timestamp with time zone` and not null, set from `new Date()`;
 * `updated_at` on every update too. Source: the seeds' timestamp integrity.
 * @example
 * ```ts
 * import { pgTable, uuid } from 'drizzle-orm/pg-core'
 * import { timestamps } from 'fastify-auth-integration'
 *
 * const tasks = pgTable('tasks', { id: uuid().primaryKey(), ...timestamps() })
 * ```
 */
export function timestamps () {
  return {
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().$defaultFn(now),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().$defaultFn(now).$onUpdateFn(now)
  }
}

const isoDate = /^[+-]?\d{4,6}-\d{2}-\d{2}$/
const isoTimestamp = /^[+-]?\d{4,6}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

const temporalKinds = new Map<unknown, 'date' | 'timestamp text' | 'date text'>([
  [PgTimestamp[entityKind], 'date'],
  [PgDate[entityKind], 'date'],
  [PgTimestampString[entityKind], 'timestamp text'],
  [PgDateString[entityKind], 'date text']
])

/** What a column of dates or timestamps takes; `undefined` for any other encoder. */
export function temporalKind (encoder: object): 'date' | 'timestamp text' | 'date text' | undefined {
  return temporalKinds.get((encoder.constructor as { [entityKind]?: string })[entityKind])
}

/**
 * Refuses what is not a point in time before it reaches the driver; other columns take what they take.
 * @throws errors.InvalidTimestamp naming the column, the value and the remedy
 */
export function checkTimestamp (column: object, value: unknown): void {
  const kind = temporalKind(column)
  if (kind === undefined) return
  const { name } = column as { name: string }
  if (kind === 'date') {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return
    throw new errors.InvalidTimestamp(`"${name}" takes a Date, got ${describe(value)}`)
  }
  if (typeof value === 'string' && (kind === 'date text' ? isoDate : isoTimestamp).test(value) && isRealDay(value)) return
  throw new errors.InvalidTimestamp(`"${name}" takes ISO 8601 text, got ${describe(value, '.toISOString()')}`)
}

// 31 April passes every pattern; Date.UTC moves it on to May.
function isRealDay (text: string): boolean {
  const [, year, month, day] = /^([+-]?\d+)-(\d+)-(\d+)/.exec(text)!.map(Number)
  const date = new Date(0)
  date.setUTCFullYear(year!, month! - 1, day!)
  return date.getUTCMonth() === month! - 1 && date.getUTCDate() === day!
}

// Seconds since 1970 stay below this until the year 5138; milliseconds passed it in 1973.
const secondsBelow = 1e11

function describe (value: unknown, suffix = ''): string {
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? 'an Invalid Date: check how it was parsed' : `a Date: use its ${suffix.slice(1)}`
  }
  const numeric = typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value.trim())
  if ((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'bigint' || numeric) {
    const number = typeof value === 'string' ? value.trim() : String(value)
    const what = `the ${numeric ? 'numeric string' : 'number'} ${number}`
    return Math.abs(Number(number)) < secondsBelow
      ? `${what} (epoch seconds?): use new Date(${number} * 1000)${suffix}`
      : `${what} (epoch milliseconds?): use new Date(${number})${suffix}`
  }
  if (typeof value === 'string') {
    const shown = JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
    return suffix === '' ? `the string ${shown}: use new Date(${shown})` : `the string ${shown}`
  }
  return `${value === null ? 'null' : `a value of type ${typeof value}`}${suffix === '' ? ': use a Date' : ''}`
}
