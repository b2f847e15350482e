import t from 'tap'
import { errors } from '../../lib/errors.js'
import type { DrizzleDatabase } from '../../lib/drizzle/contract.js'
import type { OwnedCache } from '../../lib/drizzle/owned-cache.js'
import { DefaultDriver } from '../../lib/drivers/default.js'
import { ScopedSession } from '../../lib/scope/session.js'
import { StatementNames } from '../../lib/scope/statement-names.js'
import { mockDialect } from '../fixtures/mock-scope.js'

// A database that notes what it is asked to prepare.
function fakeDatabase (name = 'primary', replica?: { session: object }) {
  const asked: unknown[][] = []
  const session = { name, prepareQuery: (...given: unknown[]) => { asked.push(given); return { execute: async () => [name] } } }
  const database = {
    session,
    asked,
    select: () => ({ session: replica!.session }),
    ...(replica === undefined ? {} : { $replicas: [replica] }),
    transaction: async (callback: (tx: unknown) => unknown) => await callback({ ...database, rollback: () => { throw new Error('rolled back') } })
  }
  return database
}

function sessionOf (database: object, transaction?: object): ScopedSession {
  const internals = database as unknown as DrizzleDatabase
  const driver = new DefaultDriver(internals.session)
  const state = transaction === undefined ? undefined : { pending: new Set(), ...transaction, connection: driver }
  return new ScopedSession(internals, driver, mockDialect(), new StatementNames(true), undefined, state as never)
}
const query = (writes = false) => ({ sql: 'select 1', params: [], writes, isRepeatable: !writes })

t.test('a statement is prepared with a name when it comes back, and its arguments pass on', async (t) => {
  const database = fakeDatabase()
  const session = sessionOf(database)
  for (let times = 0; times < 2; times++) session.prepareQuery(query(), undefined, undefined, true, 'mapper', 'metadata', { enable: true })
  session.prepareQuery(query(), undefined, 'own', false)
  t.match(database.asked, [[query(), undefined, undefined, true, 'mapper', 'metadata', { enable: true }], [query(), undefined, /^scoped_/], [query(), undefined, 'own', false]])
  t.equal(session.isShared, true)
})

t.test('a cache tag is the app\'s own, and its answers are the user\'s', async (t) => {
  const kept = new Map<string, unknown>()
  const cache = { get: async (key: string) => kept.get(key), put: async (key: string, rows: unknown) => { kept.set(key, rows) } }
  const prepared = { cache: cache as unknown as OwnedCache, execute: async () => [] }
  const database = { ...fakeDatabase(), session: { prepareQuery: () => prepared } }
  sessionOf(database).prepareQuery(query(), undefined, undefined, true, undefined, undefined, { tag: 'x' })
  t.equal(await prepared.cache.get('x', [], true, true), undefined)
  await prepared.cache.put('x', ['row'], [], true)
  t.same(await prepared.cache.get('x', [], true, true), ['row'])
  t.equal(kept.size, 2)
  kept.delete('x')
  t.equal(await prepared.cache.get('x', [], true, true), undefined, 'and are not found when the app takes the tag away')
})

t.test('reads go to a replica, writes and transactions to the primary', async (t) => {
  const replica = fakeDatabase('replica')
  const database = fakeDatabase('primary', replica)
  t.match(sessionOf(database).sessionFor(query()), { name: 'replica' })
  t.match(sessionOf(database).sessionFor(query(true)), { name: 'primary' })
  t.match(sessionOf(database, { ended: false }).sessionFor(query()), { name: 'primary' })
  t.match(sessionOf(fakeDatabase()).sessionFor(query()), { name: 'primary' })
})

t.test('a transaction ends with its callback, and a savepoint with what is around it', async (t) => {
  let kept: ScopedSession | undefined
  let prepared: { execute (): unknown } | undefined
  const answer = await sessionOf(fakeDatabase()).inTransaction(async (session) => {
    kept = session
    t.equal(session.isShared, false)
    prepared = session.prepareQuery(query(), undefined, undefined, true)
    t.same(await prepared.execute(), ['primary'])
    return 'done'
  })
  t.equal(answer, 'done')
  t.throws(() => kept!.assertOpen(), errors.TransactionEnded)
  t.throws(() => kept!.prepareQuery(query(), undefined, undefined, true), errors.TransactionEnded)
  await t.rejects(async () => await prepared!.execute(), errors.TransactionEnded)
  await t.rejects(kept!.inTransaction(async () => {}), errors.TransactionEnded)
  t.throws(() => sessionOf(fakeDatabase(), { ended: false, around: { ended: false, around: { ended: true } } }).assertOpen(), errors.TransactionEnded)
  t.doesNotThrow(() => sessionOf(fakeDatabase(), { ended: false, around: { ended: false } }).assertOpen())
  await t.rejects(sessionOf(fakeDatabase()).inTransaction(async (session, rollback) => { kept = session; rollback() }), { message: 'rolled back' })
  t.throws(() => kept!.assertOpen(), errors.TransactionEnded)
})

t.test('what a statement was refused for is read from its error', async (t) => {
  const database = fakeDatabase()
  const failing = { ...database, session: { prepareQuery: () => ({ execute: async () => { throw new Error('as it is') } }) } }
  const prepared = sessionOf(failing, { ended: false }).prepareQuery(query(), undefined, undefined, true)
  await t.rejects(async () => await prepared.execute(), { message: 'as it is' })
})
