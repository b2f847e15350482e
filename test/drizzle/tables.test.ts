import { sql } from 'drizzle-orm'
import { alias, bigserial, char, numeric, PgDialect, pgTable, serial, smallserial, timestamp, varchar } from 'drizzle-orm/pg-core'
import t from 'tap'
import { memos, mood, notes, openTasks, samples } from '../fixtures/task-schema.js'
import { castTypeOf, columnsOf, isWrapper, tableAliasOf, tableFacts, viewFacts } from '../../lib/drizzle/tables.js'

t.test('a table is read behind its alias', async (t) => {
  const other = alias(memos, 'm')
  t.match(tableFacts(memos), { schema: 'app', name: 'memos', alias: 'memos', isAlias: false })
  t.match(tableFacts(other), { schema: 'app', name: 'memos', alias: 'm', isAlias: true })
  t.equal(tableFacts(memos).identity, tableFacts(other).identity)
  t.not(tableFacts(memos).identity, tableFacts(notes).identity)
  t.same(Object.keys(columnsOf(memos)), ['id', 'userId', 'body'])
  t.equal(tableAliasOf(other.body), 'm')
  t.match(viewFacts(alias(openTasks, 'o')), { name: 'open_tasks', alias: 'o', schema: undefined })
  t.ok(viewFacts(openTasks).selectedFields.userId)
})

t.test('a wrapper is what can be asked for its SQL', async (t) => {
  t.ok(isWrapper(sql`1`))
  for (const other of [null, undefined, 'x', {}, { getSQL: 1 }]) t.notOk(isWrapper(other))
})

t.test('the type to cast to knows no length, and serials are integers', async (t) => {
  const typed = pgTable('typed', { a: serial(), b: bigserial({ mode: 'number' }), c: smallserial(), d: varchar({ length: 5 }), e: char({ length: 5 }), f: numeric({ precision: 5, scale: 2 }), g: timestamp({ precision: 3, withTimezone: true }) })
  const types = Object.values(columnsOf(typed)).map((column) => new PgDialect().sqlToQuery(castTypeOf(column)).sql)
  t.same(types, ['integer', 'bigint', 'smallint', 'varchar', 'bpchar', 'numeric', 'timestamp (3) with time zone'])
  t.equal(new PgDialect().sqlToQuery(castTypeOf(samples.mood)).sql, '"Mood"')
  const lists = pgTable('lists', { moods: mood().array().array(), words: varchar({ length: 3 }).array(), letter: char() })
  t.same(Object.values(columnsOf(lists)).map((column) => new PgDialect().sqlToQuery(castTypeOf(column)).sql), ['"Mood"[][]', 'varchar[]', 'bpchar'])
})
