import { sql, type Subquery } from 'drizzle-orm'
import { QueryBuilder } from 'drizzle-orm/pg-core'
import t from 'tap'
import { decodeLikeItsField, isWord, isWrapper } from '../../lib/drizzle/pieces.js'
import { notes, tasks } from '../fixtures/task-schema.js'

/** How a sub-query of these fields reads the value it answers. */
function decoderOf (fields: Record<string, unknown>) {
  const subquery = new QueryBuilder().select(fields as never).from(tasks).as('x') as unknown as Subquery
  decodeLikeItsField(subquery)
  return (subquery._.sql as unknown as { decoder: { mapFromDriverValue (value: unknown): unknown } }).decoder
}

t.test('a sub-query of one field reads its value as that field does', async (t) => {
  t.same(decoderOf({ at: tasks.createdAt }).mapFromDriverValue('2024-01-01 00:00:00+00'), new Date('2024-01-01'))
  const mapped = sql`1`.mapWith((value) => `mapped ${value}`)
  t.equal(decoderOf({ f: mapped.as('f') }).mapFromDriverValue(1), 'mapped 1')
  t.equal(decoderOf({ a: tasks.id, b: tasks.title }).mapFromDriverValue('as it is'), 'as it is')
})

t.test('a wrapper is what can be asked for its SQL', async (t) => {
  t.ok(isWrapper(sql`1`))
  for (const other of [null, undefined, 'x', {}, { getSQL: 1 }]) t.notOk(isWrapper(other))
})

t.test('a word is a piece that is nothing but it', async (t) => {
  t.ok(isWord(sql` Default `, 'default'))
  t.notOk(isWord(sql`defaults`, 'default'))
  t.notOk(isWord(sql`*`, undefined))
  t.notOk(isWord('*', '*'))
  t.notOk(isWord(sql`${'*'}`, '*'))
  t.notOk(isWord(sql`${notes.id}`, '*'))
  t.notOk(isWord(sql.join([notes.id]), '*'))
})
