import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { Pipelines } from '../../../lib/repository/postgres-js/pipelines.js'
import { userScope } from '../../../lib/repository/scope.js'
import { startPostgres } from '../../fixtures/postgres.js'
import { createTables, notes, schema } from '../../fixtures/task-schema.js'

/** How many statements one connection takes at once when so many wait. */
function taken (pipelines: Pipelines, waiting: number): number {
  for (let i = 0; i < waiting; i++) pipelines.waits()
  const connection = {}
  let sent = 1
  while (pipelines.taken(connection) && sent < waiting) sent++
  for (let i = sent; i < waiting; i++) pipelines.waitsNoMore()
  return sent
}

t.test('a connection takes its share of those that wait', async (t) => {
  const pipelines = new Pipelines(10)
  t.strictSame([1, 2, 11, 12, 30, 110].map((waiting) => taken(pipelines, waiting)), [1, 2, 2, 2, 4, 11])
  const single = new Pipelines(1)
  t.strictSame([1, 2, 3, 20].map((waiting) => taken(single, waiting)), [1, 2, 2, 11])
})

t.test('statements do not wait behind a slow one while a connection is free', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 2, onnotice: () => {} })
  const beside = postgres(url, { max: 2, onnotice: () => {} })
  t.teardown(async () => { await client.end(); await beside.end() })
  await beside.unsafe(createTables)
  const { db, repository } = userScope(drizzle(client, { schema }), 'A')
  await Promise.all([repository(notes).count(), repository(notes).count()])
  // Prepared, so that the next run of it could have others behind it.
  const slowly = async (): Promise<number> => await db.$count(notes)
  for (let i = 0; i < 4; i++) await slowly()
  const answers = await beside.begin(async (locked) => {
    await locked`lock table notes in access exclusive mode`
    const slow = slowly()
    const isWaiting = async (): Promise<boolean> => (await beside`select 1 from pg_stat_activity where wait_event_type = 'Lock'`).length > 0
    while (!await isWaiting());
    const quick = await Promise.all(Array.from({ length: 20 }, async () => await db.select().from(schema.tasks)))
    return { slow, quick }
  })
  t.equal(answers.quick.length, 20)
  t.equal(await answers.slow, 0)
})

t.test('a statement that never came to be sent is not waited for', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 1, connect_timeout: 0.1, onnotice: () => {} })
  t.teardown(async () => { await client.end() })
  await client.unsafe(createTables)
  const { repository } = userScope(drizzle(client, { schema }), 'A')
  const connection = await client.reserve()
  await t.rejects(Promise.all(Array.from({ length: 5 }, async () => await repository(notes).count())), { cause: { code: 'CONNECT_TIMEOUT' } })
  connection.release()
  t.strictSame(await Promise.all(Array.from({ length: 5 }, async () => await repository(notes).count())), [0, 0, 0, 0, 0])
})
