import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { ServerProcesses } from '../../../../lib/drivers/postgres-js/server-processes.js'
import { userScope } from '../../../../lib/repository/user-scope.js'
import { startPgbouncer, withoutPgbouncer } from '../../../fixtures/pgbouncer.js'
import { startPostgres } from '../../../fixtures/postgres.js'
import { createTables, notes, schema } from '../../../fixtures/task-schema.js'

async function answersOf (client: postgres.Sql): Promise<boolean[]> {
  const processes = new ServerProcesses(client as never)
  const first = processes.isDirect()
  // Behind the question, on the one connection.
  await client`select 1`
  return [first, processes.isDirect()]
}

t.test('a connection to PostgreSQL itself is known by its process number, one to a pooler by having another', { skip: withoutPgbouncer }, async (t) => {
  const { url } = await startPostgres(t)
  const pooled = await startPgbouncer(t, url)
  for (const [to, expected] of [[url, [false, true]], [pooled, [false, false]]] as const) {
    const client = postgres(to, { max: 1, onnotice: () => {} })
    t.teardown(async () => { await client.end() })
    t.strictSame(await answersOf(client), expected)
  }
})

t.test('a database that is away is asked again', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 1, onnotice: () => {} })
  t.teardown(async () => { await client.end() })
  const original = client.unsafe
  let fails = true
  client.unsafe = ((...args: Parameters<typeof original>) => {
    return original(fails ? 'select 1 / 0' : args[0], args[1], args[2])
  }) as never
  const processes = new ServerProcesses(client as never)
  t.equal(processes.isDirect(), false)
  await client`select 1`
  fails = false
  t.equal(processes.isDirect(), false)
  await client`select 1`
  t.equal(processes.isDirect(), true)
})

t.test('behind a pooler a new statement is not sent behind another', { skip: withoutPgbouncer }, async (t) => {
  const { url } = await startPostgres(t)
  const direct = postgres(url, { max: 1, onnotice: () => {} })
  await direct.unsafe(createTables)
  await direct.end()
  const pooled = await startPgbouncer(t, url)
  for (let i = 0; i < 10; i++) {
    const client = postgres(pooled, { max: 1, onnotice: () => {} })
    t.teardown(async () => { await client.end({ timeout: 0 }) })
    const { repository } = userScope(drizzle(client, { schema }), 'A')
    for (let i = 0; i < 3; i++) await repository(notes).count()
    t.strictSame(await Promise.all([repository(notes).count(), repository(notes).findMany()]), [0, []])
  }
})
