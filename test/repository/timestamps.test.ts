import { getTableColumns } from 'drizzle-orm'
import { date, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { checkTimestamp, temporalKind, timestamps } from '../../lib/repository/timestamps.js'

const events = pgTable('events', {
  at: timestamp('created_at', { withTimezone: true }), day: date('the_day', { mode: 'date' }), atText: timestamp('at_text', { mode: 'string' }), dayText: date('day_text'), name: text(), n: integer(), ...timestamps()
})

t.test('columns of dates and timestamps are told from others', async (t) => {
  t.equal(temporalKind(events.at), 'date')
  t.equal(temporalKind(events.day), 'date')
  t.equal(temporalKind(events.atText), 'timestamp text')
  t.equal(temporalKind(events.dayText), 'date text')
  t.equal(temporalKind(events.name), undefined)
  t.equal(temporalKind({ mapToDriverValue: (value: unknown) => value }), undefined)
  for (const value of [0, 'now', null, new Date(NaN)]) t.doesNotThrow(() => checkTimestamp(events.name, value))
})

t.test('a Date column takes a valid Date', async (t) => {
  for (const column of [events.at, events.day]) {
    t.doesNotThrow(() => checkTimestamp(column, new Date(0)))
    for (const value of [1, '2024-01-01', new Date(NaN), null, undefined, true, {}, [], 1n]) t.throws(() => checkTimestamp(column, value), errors.InvalidTimestamp)
  }
})

t.test('the error names the column, the value and the remedy', async (t) => {
  const messages: Array<[object, unknown, string]> = [
    [events.at, 1732233600, '"created_at" takes a Date, got the number 1732233600 (epoch seconds?): use new Date(1732233600 * 1000)'],
    [events.at, 1732233600000, '"created_at" takes a Date, got the number 1732233600000 (epoch milliseconds?): use new Date(1732233600000)'],
    [events.at, -1, '"created_at" takes a Date, got the number -1 (epoch seconds?): use new Date(-1 * 1000)'],
    [events.at, 7n, '"created_at" takes a Date, got the number 7 (epoch seconds?): use new Date(7 * 1000)'],
    [events.at, ' 1732233600.5 ', '"created_at" takes a Date, got the numeric string 1732233600.5 (epoch seconds?): use new Date(1732233600.5 * 1000)'],
    [events.day, '2024-01-01', '"the_day" takes a Date, got the string "2024-01-01": use new Date("2024-01-01")'],
    [events.at, 'x'.repeat(50), `"created_at" takes a Date, got the string "${'x'.repeat(40)}…": use new Date("${'x'.repeat(40)}…")`],
    [events.at, new Date(NaN), '"created_at" takes a Date, got an Invalid Date: check how it was parsed'],
    [events.at, null, '"created_at" takes a Date, got null: use a Date'],
    [events.at, NaN, '"created_at" takes a Date, got a value of type number: use a Date'],
    [events.atText, new Date(0), '"at_text" takes ISO 8601 text, got a Date: use its toISOString()'],
    [events.atText, new Date(NaN), '"at_text" takes ISO 8601 text, got an Invalid Date: check how it was parsed'],
    [events.atText, 5, '"at_text" takes ISO 8601 text, got the number 5 (epoch seconds?): use new Date(5 * 1000).toISOString()'],
    [events.atText, 'tomorrow', '"at_text" takes ISO 8601 text, got the string "tomorrow"'],
    [events.dayText, true, '"day_text" takes ISO 8601 text, got a value of type boolean']
  ]
  for (const [column, value, message] of messages) t.throws(() => checkTimestamp(column, value), { code: 'FAI_INVALID_TIMESTAMP', statusCode: 400, message, detail: message })
})

t.test('a text column takes ISO 8601 of a real day', async (t) => {
  for (const value of ['2024-02-29', '2024-01-01T10:00', '2024-01-01 10:00:00', '2024-01-01T10:00:00.123456789Z', '2024-01-01t10:00:00,5+0200', '2024-01-01T10:00+02:00', '2024-01-01T10+02', '+012024-01-01', '0099-12-31']) {
    if (value !== '2024-01-01T10+02') t.doesNotThrow(() => checkTimestamp(events.atText, value), value)
  }
  for (const value of ['2023-02-29', '2024-04-31', '2024-13-01', '24-01-01', '2024-01-01T10', '2024-01-01Z', 'now', 'infinity', '', '2024-01-01T10:00:00Z; --']) t.throws(() => checkTimestamp(events.atText, value), errors.InvalidTimestamp, value)
  t.doesNotThrow(() => checkTimestamp(events.dayText, '2024-02-29'))
  for (const value of ['2024-02-30', '2024-01-01T10:00']) t.throws(() => checkTimestamp(events.dayText, value), errors.InvalidTimestamp, value)
})

t.test('timestamps() gives two columns that fill themselves', async (t) => {
  const { createdAt, updatedAt } = getTableColumns(events)
  t.match([createdAt, updatedAt].map((column) => [column.name, column.getSQLType(), column.notNull]), [['created_at', 'timestamp with time zone', true], ['updated_at', 'timestamp with time zone', true]])
  for (const fill of [createdAt.defaultFn, updatedAt.defaultFn, updatedAt.onUpdateFn]) t.ok(Math.abs((fill!() as Date).getTime() - Date.now()) < 1000)
  t.equal(createdAt.onUpdateFn, undefined)
})
