import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { commit } from '../../../lib/repository/postgres-js/commit.js'
import { userScope } from '../../../lib/repository/scope.js'
import { startPostgres } from '../../fixtures/postgres.js'
import { createTables, notes, schema } from '../../fixtures/task-schema.js'

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

t.test('a commit that undoes is an error, and other drivers commit by themselves', async (t) => {
  const sent: string[] = []
  const answering = (command: string): object => ({ client: { unsafe: async (text: string) => { sent.push(text); return { command } } } })
  await commit(answering('COMMIT'))
  await t.rejects(commit(answering('ROLLBACK')), { code: '40001' })
  t.strictSame(sent, ['commit and chain', 'commit and chain'])
  await t.resolves(commit({ client: { query: () => {} } }))
})
