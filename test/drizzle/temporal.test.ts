import { date, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import t from 'tap'
import { temporalKindOf } from '../../lib/drizzle/temporal.js'

const events = pgTable('events', {
  at: timestamp({ withTimezone: true }),
  day: date({ mode: 'date' }),
  atText: timestamp({ mode: 'string' }),
  dayText: date(),
  name: text(),
  grid: timestamp().array().array()
})

t.test('columns of dates and timestamps are told from others', async (t) => {
  t.strictSame(temporalKindOf(events.at), { kind: 'date', depth: 0 })
  t.strictSame(temporalKindOf(events.day), { kind: 'date', depth: 0 })
  t.strictSame(temporalKindOf(events.atText), { kind: 'timestamp text', depth: 0 })
  t.strictSame(temporalKindOf(events.dayText), { kind: 'date text', depth: 0 })
  t.strictSame(temporalKindOf(events.name), { kind: undefined, depth: 0 })
  t.strictSame(temporalKindOf({ mapToDriverValue: (value: unknown) => value }), { kind: undefined, depth: 0 })
})

t.test('and arrays of them by their depth', async (t) => {
  t.strictSame(temporalKindOf(events.grid), { kind: 'date', depth: 2 })
})
