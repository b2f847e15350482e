import { setImmediate } from 'node:timers/promises'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { commit, withholdWhenLost } from '../../../../lib/drivers/postgres-js/transaction.js'
import { userScope } from '../../../../lib/repository/user-scope.js'
import { startPostgres } from '../../../fixtures/postgres.js'
import { createTables, notes, schema } from '../../../fixtures/task-schema.js'

/** What has become of a promise after everything that was ready has run. */
async function outcome (promise: Promise<unknown>): Promise<string> {
  let seen = 'withheld'
  promise.then(() => { seen = 'resolved' }, () => { seen = 'rejected' })
  for (let turn = 0; turn < 3; turn++) await setImmediate()
  return seen
}

const failing = (error: object) => async () => { throw error }

t.test('while the connection stands, the driver hears how the callback ended', async (t) => {
  const state = { isLost: false }
  t.equal(await withholdWhenLost(state, async () => 'done'), 'done')
  await t.rejects(withholdWhenLost(state, failing(new Error('the app\'s'))), { message: 'the app\'s' })
})

t.test('postgres.js does not roll back or commit on a connection that is gone', async (t) => {
  const state = { isLost: true }
  t.equal(await outcome(withholdWhenLost(state, async () => 'done')), 'withheld')
  t.equal(await outcome(withholdWhenLost(state, failing(new Error('CONNECTION_CLOSED')))), 'withheld')
})

t.test('nor on one that PostgreSQL is about to close, or that is noticed a moment later', async (t) => {
  const standing = { isLost: false }
  t.equal(await outcome(withholdWhenLost(standing, failing(Object.assign(new Error('shut down'), { severity: 'FATAL' })))), 'withheld')
  t.equal(await outcome(withholdWhenLost(standing, failing(new Error('Failed query', { cause: { severity: 'FATAL' } })))), 'withheld')
  const late = { isLost: false }
  const lost = withholdWhenLost(late, failing(new Error('CONNECTION_CLOSED')))
  late.isLost = true
  t.equal(await outcome(lost), 'withheld')
})

t.test('a transaction that is said to be done is written, though the server has forgotten the driver\'s commit', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 1, onnotice: () => {} })
  t.teardown(() => client.end())
  await client.unsafe(createTables)
  const { db, repository } = userScope(drizzle(client, { schema }), 'A')
  const acknowledged: string[] = []
  for (let turn = 0; turn < 8; turn++) {
    if (turn > 1) await client.unsafe('deallocate all').simple()
    const body = `turn ${turn}`
    await db.transaction(async (tx) => { await tx.insert(notes).values({ body }) }).then(() => acknowledged.push(body), () => {})
  }
  t.strictSame((await repository(notes).findMany({ orderBy: notes.body })).map((note) => note.body), acknowledged)
  t.ok(acknowledged.length > 2)
  t.equal((await client`select count(*)::int as n from pg_stat_activity where datname = current_database() and state like 'idle in%'`)[0]!.n, 0)
})

t.test('a commit that undoes is an error', async (t) => {
  const sent: string[] = []
  const answering = (command: string) => ({ client: { unsafe: (async (text: string) => { sent.push(text); return { command } }) as never } })
  await commit(answering('COMMIT'))
  await t.rejects(commit(answering('ROLLBACK')), { code: '40001' })
  t.strictSame(sent, ['commit and chain', 'commit and chain'])
})
