import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { Pipelines } from '../../../../lib/drivers/postgres-js/pipelines.js'
import { userScope } from '../../../../lib/repository/user-scope.js'
import { startPostgres } from '../../../fixtures/postgres.js'
import { createTables, notes, schema } from '../../../fixtures/task-schema.js'

/** How many statements one connection takes at once when so many wait, and so many connections are busy with one. */
function taken (pipelines: Pipelines, waiting: number, busy: number): number {
  const others = Array.from({ length: busy }, () => {
    pipelines.enqueued()
    return pipelines.sentOn({})
  })
  for (let i = 0; i < waiting; i++) pipelines.enqueued()
  const connection = {}
  const batches = []
  do batches.push(pipelines.sentOn(connection))
  while (!batches[0]!.isClosed && batches.length < waiting)
  for (let i = batches.length; i < waiting; i++) pipelines.settled(undefined)
  for (const batch of [...batches, ...others]) pipelines.settled(batch)
  return batches.length
}

t.test('a connection takes its share of those that no other connection is free for', async (t) => {
  const pipelines = new Pipelines(10, () => true)
  for (let turn = 0; turn < 2; turn++) {
    t.strictSame([1, 2, 11, 12, 30, 110].map((waiting) => taken(pipelines, waiting, 9)), [1, 2, 2, 2, 4, 8])
    t.strictSame([1, 2, 10, 11, 12].map((waiting) => taken(pipelines, waiting, 0)), [1, 1, 1, 2, 2])
  }
  const single = new Pipelines(1, () => true)
  t.strictSame([1, 2, 3, 20].map((waiting) => taken(single, waiting, 0)), [1, 2, 2, 8])
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
    const isWaiting = async (): Promise<boolean> => (await beside`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`).length > 0
    while (!await isWaiting());
    const quick = await Promise.all(Array.from({ length: 20 }, async () => await db.select().from(schema.tasks)))
    return { slow, quick }
  })
  t.equal(answers.quick.length, 20)
  t.equal(await answers.slow, 0)
})

t.test('the next batch of a connection begins with its first statement, whether or not the last one is known to be answered', async (t) => {
  const pipelines = new Pipelines(1, () => true)
  const connection = {}
  for (let i = 0; i < 5; i++) pipelines.enqueued()
  const first = [pipelines.sentOn(connection), pipelines.sentOn(connection), pipelines.sentOn(connection)]
  t.equal(new Set(first).size, 1)
  t.equal(first[0]!.isClosed, true)
  const next = pipelines.sentOn(connection)
  t.strictSame(next, { connection, sent: 1, pending: 1, isClosed: false })
  for (const batch of first) pipelines.settled(batch)
  t.equal(pipelines.sentOn(connection), next, 'which the settling of the last does not end')
})

t.test('one that was given up is counted once', async (t) => {
  const pipelines = new Pipelines(1, () => true)
  for (let turn = 0; turn < 30; turn++) {
    pipelines.enqueued()
    pipelines.settled(undefined)
  }
  t.equal(taken(pipelines, 20, 0), 8)
})

t.test('after statements were given up others are sent behind each other as before', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 1, connect_timeout: 0.1, onnotice: () => {} })
  t.teardown(async () => { await client.end() })
  await client.unsafe(createTables)
  const { repository } = userScope(drizzle(client, { schema }), 'A')
  const many = async (): Promise<number[]> => await Promise.all(Array.from({ length: 20 }, async () => await repository(notes).count()))
  let sent = 0
  let most = 0
  const original = client.unsafe.bind(client)
  client.unsafe = ((text: string, params: never[], options: { onexecute?: (connection: object) => boolean }) => original(text, params, {
    ...options,
    onexecute (connection: object) {
      const mayFollow = options.onexecute!(connection)
      sent = mayFollow ? sent + 1 : 0
      most = Math.max(most, sent)
      return mayFollow
    }
  } as never)) as never
  await many()
  await many()
  const before = most
  t.ok(before > 1)
  for (let turn = 0; turn < 3; turn++) {
    const connection = await client.reserve()
    await t.rejects(many(), { cause: { code: 'CONNECT_TIMEOUT' } })
    connection.release()
    await original('select 1')
  }
  sent = most = 0
  t.strictSame(await many(), Array.from({ length: 20 }, () => 0))
  t.equal(most, before)
})
