import { drizzle } from 'drizzle-orm/postgres-js'
import postgresJs from 'postgres'
import t from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables, notes, schema, tasks } from '../fixtures/task-schema.js'

// A migration changes a column's type while the app runs: PostgreSQL refuses the plans that were made before, and `postgres` makes
// them anew by itself, in the midst of whatever else is under way on the connection.
t.test('a migration beside running requests gives nobody another\'s rows, and leaves none waiting', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgresJs(url, { max: 1, onnotice: () => {} })
  const admin = postgresJs(url, { max: 1, onnotice: () => {} })
  t.teardown(async () => { await client.end({ timeout: 1 }); await admin.end() })
  await admin.unsafe(createTables)
  const db = drizzle(client, { schema })
  const users = ['A', 'B', 'C', 'D']
  const scope = (user: string) => userScope(db, user)
  for (const user of users) {
    await scope(user).repository(notes).insert({ body: `of ${user}` })
    await scope(user).repository(tasks).insert({ title: `of ${user}` })
  }
  const reads: Record<string, (user: string) => Promise<unknown>> = {
    findMany: async (user) => (await scope(user).repository(notes).findMany()).map(({ body }) => body),
    'another statement': async (user) => (await scope(user).db.select({ body: notes.body }).from(notes)).map(({ body }) => body),
    'another table': async (user) => (await scope(user).repository(tasks).findMany()).map(({ title }) => title),
    'a transaction': async (user) => await scope(user).db.transaction(async (tx) => {
      const [rows, titles] = await Promise.all([tx.select({ body: notes.body }).from(notes), tx.select({ title: tasks.title }).from(tasks)])
      return [...rows.map(({ body }) => body), ...titles.map(({ title }) => title)]
    })
  }
  const readAll = async () => await Promise.all(Object.entries(reads).flatMap(([name, read]) => users.map(async (user) => {
    // In a transaction PostgreSQL's refusal is the end of it.
    const answer = await read(user).catch((error: unknown) => name === 'a transaction' ? [] : [error])
    return (answer as unknown[]).every((text) => text === `of ${user}`) ? 'own' : `${name} of ${user}: ${JSON.stringify(answer)}`
  })))

  for (let turn = 0; turn < 3; turn++) t.same(new Set(await readAll()), new Set(['own']))
  for (const type of ['varchar(100)', 'text', 'varchar(200)']) {
    await admin.unsafe(`alter table notes alter column body type ${type}`)
    for (let turn = 0; turn < 2; turn++) t.same(new Set(await readAll()), new Set(['own']), `after ${type}`)
  }
})
