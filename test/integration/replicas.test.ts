import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { withReplicas } from 'drizzle-orm/pg-core'
import postgresJs from 'postgres'
import t from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables, schema, tasks } from '../fixtures/task-schema.js'

t.test('reads go to a replica, scoped; writes, locks and transactions to the primary', async (t) => {
  const postgres = await startPostgres(t)
  const urls = { primary: postgres.url, replica: await postgres.createDatabase() }
  // Two databases that hold different rows stand for a primary and a replica that lags: an answer tells where it is from.
  const sent: string[] = []
  const open = async (where: keyof typeof urls) => {
    const client = postgresJs(urls[where], { max: 2, onnotice: () => {} })
    t.teardown(() => client.end())
    await client.unsafe(createTables)
    await client`insert into tasks (user_id, title, created_at, updated_at) values ('ada', ${where}, now(), now()), ('bob', ${`bob's on the ${where}`}, now(), now())`
    return drizzle(client, { schema, logger: { logQuery: (query) => { sent.push(`${where}: ${query.split(' ')[0]}`) } } })
  }
  const [primary, replica] = [await open('primary'), await open('replica')]
  const { db, repository } = userScope(withReplicas(primary, [replica]), 'ada')
  const titles = (rows: Array<{ title: string }>): string[] => rows.map(({ title }) => title)

  t.strictSame(titles(await db.select().from(tasks)), ['replica'])
  t.strictSame(titles(await repository(tasks).findMany()), ['replica'])
  t.strictSame(titles(await db.query.tasks.findMany()), ['replica'])
  t.equal(await db.$count(tasks), 1)
  t.equal(await repository(tasks).count(), 1)
  t.ok(sent.every((line) => line.startsWith('replica: ')), 'no read has reached the primary')

  sent.length = 0
  t.strictSame(titles(await db.select().from(tasks).for('update')), ['primary'])
  t.strictSame(titles(await db.transaction(async (tx) => await tx.select().from(tasks))), ['primary'])
  await repository(tasks).insert({ title: 'new' })
  await db.update(tasks).set({ title: 'newer' }).where(eq(tasks.title, 'new'))
  const writing = db.$with('gone').as(db.delete(tasks).where(eq(tasks.title, 'newer')).returning())
  t.strictSame(titles(await db.with(writing).select().from(writing)), ['newer'], 'a select that deletes is a write')
  t.ok(sent.every((line) => line.startsWith('primary: ')), 'no write has reached the replica')

  t.strictSame(titles(await primary.select().from(tasks).where(eq(tasks.userId, 'bob'))), ['bob\'s on the primary'])
  t.strictSame(titles(await replica.select().from(tasks).where(eq(tasks.userId, 'bob'))), ['bob\'s on the replica'])
})
