import { sql } from 'drizzle-orm'
import t from 'tap'
import { ScopedCount } from '../../lib/drizzle/count.js'

t.test('a count is a number when it is awaited, and SQL in a select', async (t) => {
  let runs = 0
  const count = new ScopedCount(sql`select count(*)`, async () => { runs++; return 3 })
  t.equal(await count, 3)
  t.equal(await count, 3)
  t.equal(runs, 2)
  t.same(count.queryChunks, sql`select count(*)`.queryChunks)
  t.equal((count as unknown as { decoder: { mapFromDriverValue (value: unknown): unknown } }).decoder.mapFromDriverValue('7'), 7)
  t.equal(String(count[Symbol.toStringTag]), 'ScopedCount')
})

t.test('a count that fails is a rejected promise', async (t) => {
  const count = new ScopedCount(sql`x`, async () => { throw new Error('no') })
  await t.rejects(Promise.resolve(count), { message: 'no' })
  t.equal(await count.catch((error) => (error as Error).message), 'no')
  let ended = false
  await t.rejects(count.finally(() => { ended = true }), { message: 'no' })
  t.ok(ended)
})
