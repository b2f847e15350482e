import t from 'tap'
import { CompiledQuery } from '../../lib/repository/compiled-query.js'

function fakeSession (isShared = true) {
  const asked: unknown[] = []
  const target = {}
  return {
    asked,
    isShared,
    names: { nameNow: (text: string) => `name of ${text}` },
    dialect: { userId: 'A' },
    sessionFor: () => target,
    prepare: (given: unknown) => { asked.push(given); return { execute: async (values: unknown) => [values] } }
  }
}
const preparation = { query: { sql: 'select 1', params: [] }, fields: undefined, name: 'ignored', inArrays: true, mapper: 'mapper' }

t.test('a compiled query is prepared once a session, under the name of its text, and run for the session\'s user', async (t) => {
  const compiled = new CompiledQuery(preparation)
  const session = fakeSession()
  for (const limit of [1, 2]) t.same(await compiled.run(session as never, { limit }), [{ limit, owner: 'A' }])
  t.same(session.asked, [{ ...preparation, isCompiled: true, name: 'name of select 1' }])
  await compiled.run(fakeSession() as never, {})
  t.equal(session.asked.length, 1)
})

t.test('it is prepared anew where nothing is shared', async (t) => {
  const compiled = new CompiledQuery(preparation)
  const session = fakeSession(false)
  for (let times = 0; times < 2; times++) await compiled.run(session as never, {})
  t.equal(session.asked.length, 2)
})
