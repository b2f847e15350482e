import { arrayContains, arrayOverlaps, eq, sql } from 'drizzle-orm'
import { date, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { checkTimestamp } from '../../../lib/scope/temporal-values.js'
import { startScopes } from '../../fixtures/scoped-database.js'

const events = pgTable('events', {
  at: timestamp('created_at', { withTimezone: true }), day: date('the_day', { mode: 'date' }), atText: timestamp('at_text', { mode: 'string' }), dayText: date('day_text'), name: text()
})

t.test('columns of other types take what they take', async (t) => {
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
    [events.at, 'x'.repeat(50), `"created_at" takes a Date, got the string "${'x'.repeat(40)}…"`],
    [events.at, 1e20, '"created_at" takes a Date, got the number 100000000000000000000, which is no point in time'],
    [events.day, '2023-02-29', '"the_day" takes a Date, got the string "2023-02-29"'],
    [events.dayText, new Date(0), '"day_text" takes ISO 8601 text, got a Date: use its toISOString().slice(0, 10)'],
    [events.atText, 'Thu, 21 Nov 2024 10:00:00 GMT', '"at_text" takes ISO 8601 text, got the string "Thu, 21 Nov 2024 10:00:00 GMT": use new Date("Thu, 21 Nov 2024 10:00:00 GMT").toISOString()'],
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
  for (const value of ['2024-02-29', '2024-01-01T10:00', '2024-01-01 10:00:00', '2024-01-01T10:00:00.123456789Z', '2024-01-01t10:00:00,5+0200', '2024-01-01T10:00+02:00', '2024-01-01T10+02', '+012024-01-01', '0099-12-31', 'infinity', '-infinity', '0044-03-15 10:00:00+00 BC', '0005-02-29 BC', '1890-01-01 00:00:00+00:53:28']) {
    if (value !== '2024-01-01T10+02') t.doesNotThrow(() => checkTimestamp(events.atText, value), value)
  }
  for (const value of ['2023-02-29', '2024-04-31', '2024-13-01', '24-01-01', '2024-01-01T10', '2024-01-01Z', 'now', 'infinity BC', '2023-02-29 BC', '', '2024-01-01T10:00:00Z; --']) t.throws(() => checkTimestamp(events.atText, value), errors.InvalidTimestamp, value)
  t.doesNotThrow(() => checkTimestamp(events.dayText, '2024-02-29'))
  for (const value of ['2024-02-30', '2024-01-01T10:00']) t.throws(() => checkTimestamp(events.dayText, value), errors.InvalidTimestamp, value)
})

const lists = pgTable('lists', {
  id: integer().primaryKey(),
  userId: text('user_id').notNull(),
  days: date('the_days', { mode: 'date' }).array(),
  times: timestamp({ withTimezone: true }).array(),
  grid: timestamp({ withTimezone: true }).array().array(),
  dayTexts: date('day_texts').array(),
  timeTexts: timestamp('time_texts', { mode: 'string' }).array().array(),
  names: text().array(),
  words: text().array().array()
})

t.test('each element of an array is checked, in both modes and at any depth', async (t) => {
  const [day, text] = [new Date(0), '2024-02-29']
  const taken: Array<[object, unknown]> = [
    [lists.days, [day]], [lists.times, []], [lists.times, [day, null]], [lists.grid, [[day], [null]]], [lists.dayTexts, [text, null]],
    [lists.timeTexts, [[text], ['2024-02-29T10:00Z']]], [lists.names, 'anything'], [lists.words, [1, [2]]]
  ]
  for (const [column, value] of taken) t.doesNotThrow(() => checkTimestamp(column, value))
  const messages: Array<[object, unknown, string]> = [
    [lists.days, [day, 1732233600], '"the_days[1]" takes a Date, got the number 1732233600 (epoch seconds?): use new Date(1732233600 * 1000)'],
    [lists.times, [text], '"times[0]" takes a Date, got the string "2024-02-29": use new Date("2024-02-29")'],
    [lists.times, [undefined], '"times[0]" takes a Date, got a value of type undefined: use a Date'],
    [lists.times, day, '"times" takes a list, got a value of type object'],
    [lists.grid, [[day], [day, new Date(NaN)]], '"grid[1][1]" takes a Date, got an Invalid Date: check how it was parsed'],
    [lists.grid, [day], '"grid[0]" takes a list, got a value of type object'],
    [lists.grid, [null], '"grid[0]" takes a list, got null'],
    [lists.dayTexts, [text, '2023-02-29'], '"day_texts[1]" takes ISO 8601 text, got the string "2023-02-29"'],
    [lists.dayTexts, text, '"day_texts" takes a list, got a value of type string'],
    [lists.timeTexts, [[text, 5]], '"time_texts[0][1]" takes ISO 8601 text, got the number 5 (epoch seconds?): use new Date(5 * 1000).toISOString()']
  ]
  for (const [column, value, message] of messages) t.throws(() => checkTimestamp(column, value), { code: 'FAI_INVALID_TIMESTAMP', statusCode: 400, message, detail: message })
})

t.test('arrays of dates are guarded on every way to the database', async (t) => {
  const { a, client, statements } = await startScopes(t)
  await client.unsafe(`create table lists (id integer primary key, user_id text not null, the_days date[], times timestamptz[], grid timestamptz[][],
    day_texts date[], time_texts timestamp[][], names text[], words text[][])`)
  const repo = a.repository(lists)
  const at = new Date('2024-02-29T12:00:00.123Z')
  const row = { id: 1, days: [new Date('2024-02-29')], times: [at], grid: [[at, at], [at, new Date(0)]], dayTexts: ['2024-02-29'], timeTexts: [['2024-02-29 10:00:00']], names: ['x'] }
  t.same(await repo.insert(row), { ...row, userId: 'A', words: null })
  t.equal(await repo.count(arrayContains(lists.times, [at])), 1)
  statements.length = 0
  const seconds = [1732233600] as never
  const ways: Record<string, () => PromiseLike<unknown>> = {
    insert: () => repo.insert({ id: 2, times: seconds }),
    'insert of several': () => repo.insert([{ id: 2 }, { id: 3, days: seconds }]),
    updateById: () => repo.updateById(1, { grid: [seconds] }),
    update: () => repo.update(eq(lists.id, 1), { dayTexts: seconds }),
    upsert: () => repo.upsert({ id: 1, timeTexts: [seconds] }, { target: lists.id }),
    condition: () => a.db.select().from(lists).where(arrayOverlaps(lists.times, seconds)),
    placeholder: () => a.db.insert(lists).values({ id: 2, times: sql.placeholder('times') }).prepare('arrays').execute({ times: seconds })
  }
  for (const [way, run] of Object.entries(ways)) await t.rejects(async () => await run(), errors.InvalidTimestamp, way)
  t.same(statements, [])
})
