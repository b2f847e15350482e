import { Param } from 'drizzle-orm'
import t from 'tap'
import { CompiledQuery } from '../../lib/repository/compiled-query.js'
import { OwnerParameter } from '../../lib/scope/parameters.js'

function fakeSession (isShared = true) {
  const asked: unknown[] = []
  const target = {}
  return {
    asked,
    isShared,
    names: { nameNow: (text: string) => `name of ${text}` },
    caller: { user: 'A', organization: null as string | null },
    sessionFor: () => target,
    prepare: (given: unknown) => { asked.push(given); return { execute: async (values: unknown) => [values] } }
  }
}
const preparation = { query: { sql: 'select 1', params: [new Param(new OwnerParameter('user'))] }, fields: undefined, name: 'ignored', inArrays: true, mapper: 'mapper' }

t.test('a compiled query is prepared once a session, under the name of its text, and run for the session\'s user', async (t) => {
  const compiled = new CompiledQuery(preparation)
  const session = fakeSession()
  for (const limit of [1, 2]) t.same(await compiled.run(session as never, { limit }), [{ limit, 'owner user': 'A' }])
  t.same(session.asked, [{ ...preparation, isCompiled: true, isKept: false, name: 'name of select 1' }])
  await compiled.run(fakeSession() as never, {})
  t.equal(session.asked.length, 1)
})

t.test('it is prepared anew where nothing is shared', async (t) => {
  const compiled = new CompiledQuery(preparation)
  const session = fakeSession(false)
  for (let times = 0; times < 2; times++) await compiled.run(session as never, {})
  t.equal(session.asked.length, 2)
})

t.test('one that asks for an organization is not run without an active one', async (t) => {
  const compiled = new CompiledQuery({
    ...preparation, query: { sql: '', params: [new Param(new OwnerParameter('organization')), 'x'] }
  })
  const session = fakeSession()
  t.notOk(compiled.isFor(session as never))
  t.throws(() => compiled.run(session as never, {}), { code: 'FAI_ORGANIZATION_REQUIRED', statusCode: 403 })
  session.caller.organization = 'one'
  t.ok(compiled.isFor(session as never))
  t.same(await compiled.run(session as never, {}), [{ 'owner organization': 'one' }])
})
