import t from 'tap'
import { watchStorages, withFailure } from '../../lib/better-auth/watched-storage.js'

const away = new Error('away')

function storage () {
  return {
    id: 'memory',
    options: { a: 1 },
    async find () { throw away },
    findNow () { throw away },
    async fine () { return 7 },
    async transaction (callback: (adapter: { find (): Promise<never> }) => Promise<unknown>) {
      return await callback({ async find () { throw away } })
    }
  }
}

t.test('what a storage failed by is reported, though the caller caught it', async (t) => {
  const adapter = storage()
  watchStorages({ adapter })
  t.strictSame(await withFailure(async () => await adapter.find().catch(() => 'caught')), { result: 'caught', failure: away })
  t.strictSame(await withFailure(async () => { try { return adapter.findNow() } catch { return 'caught' } }), { result: 'caught', failure: away })
  t.strictSame(await withFailure(async () => await adapter.transaction(async (inner) => await inner.find().catch(() => 'caught'))), { result: 'caught', failure: away })
})

t.test('the secondary storage is watched too', async (t) => {
  const secondaryStorage = { async get () { throw away } }
  watchStorages({ secondaryStorage })
  t.strictSame(await withFailure(async () => await secondaryStorage.get().catch(() => null)), { result: null, failure: away })
})

t.test('requests at the same time have failures of their own, and one without has none', async (t) => {
  const adapter = storage()
  watchStorages({ adapter })
  const [one, other] = await Promise.all([
    withFailure(async () => await adapter.find().catch(() => 1)),
    withFailure(async () => await adapter.fine())
  ])
  t.equal(one.failure, away)
  t.strictSame(other, { result: 7, failure: undefined })
})

t.test('what is thrown is handed on, and the first failure counts', async (t) => {
  const adapter = storage()
  watchStorages({ adapter })
  t.strictSame(await withFailure(async () => await adapter.find()), { thrown: away, failure: away })
  t.match(await withFailure(async () => { throw undefined }), { thrown: Error }) // eslint-disable-line no-throw-literal -- as others do
  await t.rejects(adapter.find(), away, 'outside of a request a storage is as it was')
})

t.test('a storage that two apps mount is watched once, a frozen one not at all', async (t) => {
  const adapter = storage()
  watchStorages({ adapter })
  const { find } = adapter
  watchStorages({ adapter })
  t.equal(adapter.find, find)
  t.doesNotThrow(() => watchStorages({ adapter: Object.freeze(storage()) }))
  t.equal(adapter.id, 'memory')
})
