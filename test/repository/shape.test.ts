import t from 'tap'
import { compilingSession, Shape } from '../../lib/repository/shape.js'

function fakeSession (shared = true) {
  const asked: unknown[][] = []
  const target = {}
  return {
    asked,
    isShared: shared,
    statements: { nameNow: (text: string) => `name of ${text}` },
    sessionFor: () => target,
    prepareQuery: (...given: unknown[]) => { asked.push(given); return { execute: async (values: unknown) => [values] } }
  }
}
const query = { sql: 'select 1', params: [] }

t.test('a shape is prepared once a session, under the name of its text', async (t) => {
  const shape = compilingSession.prepareQuery(query, undefined, 'ignored', true, 'mapper')
  t.ok(shape instanceof Shape)
  t.equal(shape.setToken(), shape)
  const session = fakeSession()
  for (const values of [{ me: 'A' }, { me: 'B' }]) t.same(await shape.run(session as never, values), [values])
  t.same(session.asked, [[query, undefined, 'name of select 1', true, 'mapper']])
  await shape.run(fakeSession() as never, {})
  t.equal(session.asked.length, 1)
})

t.test('a shape is prepared anew where nothing is shared', async (t) => {
  const shape = compilingSession.prepareQuery(query, undefined, undefined, true)
  const session = fakeSession(false)
  for (let times = 0; times < 2; times++) await shape.run(session as never, {})
  t.equal(session.asked.length, 2)
})
