import { setImmediate } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { WaitingTransaction, Waits, type Waiter } from '../../../../lib/drivers/postgres-js/waits.js'
import { userScope } from '../../../../lib/repository/user-scope.js'
import { startPostgres } from '../../../fixtures/postgres.js'
import { createTables, notes, schema } from '../../../fixtures/task-schema.js'

const noConnection = { code: 'CONNECT_TIMEOUT' }

async function onePool (t: { teardown: (handler: () => unknown) => void }, seconds: number) {
  const { url } = await startPostgres(t)
  const [client, beside] = [postgres(url, { max: 1, connect_timeout: seconds, onnotice: () => {} }), postgres(url, { max: 2, onnotice: () => {} })]
  t.teardown(async () => { await client.end(); await beside.end() })
  await beside.unsafe(createTables)
  return { client, beside, ...userScope(drizzle(client, { schema }), 'A') }
}

t.test('what waits too long for a connection is given up, and never done', async (t) => {
  const { client, beside, db, repository } = await onePool(t, 0.2)
  const taken = await client.reserve()
  const rejected: Array<[string, () => PromiseLike<unknown>]> = [
    ['a builder', () => db.select().from(notes)],
    ['a relational query', () => db.query.notes.findMany()],
    ['a count', () => db.$count(notes)],
    ['a write', () => db.insert(notes).values({ body: 'late' })],
    ['a compiled query', () => repository(notes).insert({ body: 'late' })],
    ['the same again', () => repository(notes).insert({ body: 'late' })]
  ]
  await Promise.all(rejected.map(async ([what, run]) => await t.rejects(async () => await run(), { cause: noConnection }, what)))
  let entered = false
  await t.rejects(db.transaction(async () => { entered = true }), noConnection, 'a transaction')
  taken.release()
  t.equal(await repository(notes).count(), 0)
  t.equal(entered, false)
  t.match(await beside`select count(*)::int from notes`, [{ count: 0 }])
  t.match(await repository(notes).insert({ body: 'in time' }), { body: 'in time' })
  t.match(await db.transaction(async (tx) => await tx.select().from(notes)), [{ body: 'in time' }])
})

t.test('what gets a connection in time is answered', async (t) => {
  const { client, db, repository } = await onePool(t, 20)
  const taken = await client.reserve()
  const waiting = Promise.all([repository(notes).insert({ body: 'waited' }), db.transaction(async (tx) => await tx.$count(notes)), repository(notes).count()])
  await taken`select 1`
  taken.release()
  t.match(await waiting, [{ body: 'waited' }, Number, Number])
})

t.test('a process that was busy for longer than the limit gives nobody up whose connection is free by then', async (t) => {
  const { client, repository } = await onePool(t, 0.2)
  const taken = await client.reserve()
  const released = taken`select pg_sleep(0.05)`.then(() => taken.release())
  const waiting = Promise.all([repository(notes).count(), repository(notes).insert({ body: 'waited' })])
  await setImmediate()
  const since = performance.now()
  while (performance.now() - since < 400);
  t.match(await waiting, [Number, { body: 'waited' }])
  await released
})

t.test('a statement that has been sent takes as long as it takes', async (t) => {
  const { beside, repository } = await onePool(t, 0.1)
  await repository(notes).count()
  const answer = await beside.begin(async (locked) => {
    await locked`lock table notes in access exclusive mode`
    const since = performance.now()
    const slow = repository(notes).count()
    while (performance.now() - since < 150) await beside`select pg_sleep(0.01)`
    return { slow }
  })
  t.equal(await answer.slow, 0)
})

// The one timer does not keep a process that nothing else keeps.
async function alive<T> (promise: Promise<T>): Promise<T> {
  const keeper = setInterval(() => {}, 1000)
  return await promise.finally(() => clearInterval(keeper))
}

t.test('those who wait are given up in the order of their coming, and the served are left alone', async (t) => {
  const waits = new Waits(20)
  const told: string[] = []
  const waiter = (name: string) => new Promise<void>((resolve) => {
    waits.add({ isWaiting: () => true, giveUp: (error) => { told.push(`${name} ${(error as { code?: string }).code}`); resolve() } } satisfies Waiter)
  })
  const first = waiter('first')
  for (let index = 0; index < 200; index++) waits.add({ isWaiting: () => false, giveUp: () => told.push('served') })
  await alive(Promise.all([first, waiter('second')]))
  await alive(waiter('third'))
  t.same(told, ['first CONNECT_TIMEOUT', 'second CONNECT_TIMEOUT', 'third CONNECT_TIMEOUT'])
})

t.test('without a limit nobody is given up', async (t) => {
  new Waits(undefined).add({ isWaiting: () => t.fail('nobody asks'), giveUp: () => t.fail('nobody is told') })
})

t.test('a transaction that comes too late to its connection is told so, and does not run', async (t) => {
  const wait = new WaitingTransaction()
  t.equal(wait.isWaiting(), true)
  t.doesNotThrow(() => wait.over())
  t.equal(wait.isWaiting(), false)
  t.equal(await wait.orLate(Promise.resolve(1)), 1)
  const late = new WaitingTransaction()
  const answer = late.orLate(new Promise(() => {}))
  late.giveUp(new Error('late'))
  await t.rejects(answer, { message: 'late' })
  t.throws(() => late.over(), { message: 'late' })
})
