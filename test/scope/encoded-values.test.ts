import { sql, type SQL } from 'drizzle-orm'
import { customType, PgDialect, pgTable } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { encode, encodeLater, inlined } from '../../lib/scope/encoded-values.js'
import { samples } from '../fixtures/task-schema.js'

const { loud } = pgTable('odd', { loud: customType<{ data: string, driverData: string | SQL }>({ dataType: () => 'text', toDriver: (value) => sql`upper(${value})` })() })

t.test('a value is encoded as its column has it, null as null', async (t) => {
  t.equal(encode(samples.at, new Date(0)), '1970-01-01T00:00:00.000Z')
  t.equal(encode(samples.tags, ['a']), '{"a"}')
  for (const column of [samples.label, samples.at, samples.tags]) t.equal(encode(column, null), null)
  t.match(encode(loud, 'x'), { queryChunks: Array })
  t.throws(() => encode(samples.at, 5), errors.InvalidTimestamp)
})

t.test('the value of a placeholder cannot become SQL', async (t) => {
  t.equal(encodeLater(samples.label, 'x'), 'x')
  t.equal(encodeLater(loud, null), null)
  t.throws(() => encodeLater(loud, 'x'), errors.Unsupported)
  t.throws(() => encodeLater(samples.at, 5), errors.InvalidTimestamp)
})

t.test('an inlined value is a literal', async (t) => {
  const text = (value: unknown) => inlined(value, new PgDialect())
  t.same([null, 1, 1n, true, "it's", new URL('http://x.example/'), { a: "it's" }].map(text), ['null', '1', '1', 'true', "'it''s'", "'http://x.example/'", "'{\"a\":\"it''s\"}'"])
  for (const value of [() => {}, Symbol('x')]) t.throws(() => text(value), errors.UnsafeFragment)
})
