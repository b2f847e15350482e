import { bigserial, char, numeric, PgDialect, pgTable, serial, smallserial, timestamp, varchar } from 'drizzle-orm/pg-core'
import t from 'tap'
import { castTypeOf } from '../../lib/drizzle/cast-types.js'
import { columnsOf } from '../../lib/drizzle/tables.js'
import { mood, samples } from '../fixtures/task-schema.js'

t.test('the type to cast to knows no length, and serials are integers', async (t) => {
  const typed = pgTable('typed', {
    a: serial(),
    b: bigserial({ mode: 'number' }),
    c: smallserial(),
    d: varchar({ length: 5 }),
    e: char({ length: 5 }),
    f: numeric({ precision: 5, scale: 2 }),
    g: timestamp({ precision: 3, withTimezone: true })
  })
  const types = Object.values(columnsOf(typed)).map((column) => new PgDialect().sqlToQuery(castTypeOf(column)).sql)
  t.same(types, ['integer', 'bigint', 'smallint', 'varchar', 'bpchar', 'numeric', 'timestamp (3) with time zone'])
  t.equal(new PgDialect().sqlToQuery(castTypeOf(samples.mood)).sql, '"Mood"')
  const lists = pgTable('lists', { moods: mood().array().array(), words: varchar({ length: 3 }).array(), letter: char() })
  t.same(Object.values(columnsOf(lists)).map((column) => new PgDialect().sqlToQuery(castTypeOf(column)).sql), ['"Mood"[][]', 'varchar[]', 'bpchar'])
})
