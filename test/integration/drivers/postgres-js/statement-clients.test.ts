import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t, { type Test } from 'tap'
import { userScope } from '../../../../lib/repository/user-scope.js'
import { startPostgres } from '../../../fixtures/postgres.js'
import { createTables, notes, schema } from '../../../fixtures/task-schema.js'

async function start (t: Test) {
  const { url } = await startPostgres(t)
  const client = postgres(url, { max: 1, onnotice: () => {} })
  t.teardown(() => client.end())
  await client.unsafe(createTables)
  const db = drizzle(client, { schema })
  const [own, other] = [userScope(db, 'A'), userScope(db, 'B')]
  await own.repository(notes).insert(['1', '2', '3', '0'].map((body) => ({ body })))
  await other.repository(notes).insert([{ body: 'of B' }, { body: 'of B too' }])
  return { own, other }
}

t.test('a statement that fails after its first rows shifts nobody else\'s', async (t) => {
  const { own, other } = await start(t)
  const [{ id }] = await other.db.select().from(notes).orderBy(notes.body) as [{ id: string }, ...unknown[]]
  const fail = async (): Promise<void> => {
    await t.rejects(async () => await own.db.select({ n: sql`1 / ${notes.body}::int` }).from(notes), { cause: { code: '22012' } })
  }
  const repository = other.repository(notes)
  // Known to the connection: a statement that has to be described first is not shifted.
  await fail()
  await fail()
  await repository.insert({ body: 'warm' })
  await repository.delete(sql`${notes.body} = 'warm'`)
  const next: Array<[string, () => PromiseLike<unknown>, unknown]> = [
    ['a builder', () => other.db.select({ body: notes.body }).from(notes).orderBy(notes.body), [{ body: 'of B' }, { body: 'of B too' }]],
    ['findById', () => repository.findById(id), { body: 'of B' }],
    ['findMany', () => repository.findMany({ orderBy: notes.body, columns: { body: true } }), [{ body: 'of B' }, { body: 'of B too' }]],
    ['a read of nothing', () => repository.findMany({ where: sql`${notes.body} = 'nothing'` }), []],
    ['count', () => repository.count(), 2],
    ['updateById', () => repository.updateById(id, { body: 'of B' }), { body: 'of B' }],
    ['paginate', () => repository.paginate({ limit: 1 }), { items: [{ body: 'of B' }], nextCursor: String }],
    ['insert', () => repository.insert({ body: 'new' }), { body: 'new', userId: 'B' }]
  ]
  const harmless = next.filter(([what]) => what !== 'insert')
  for (const [, run] of [...harmless, ...harmless]) await run()
  for (const [what, run, expected] of next) {
    await fail()
    const answer = await run()
    t.match(answer, expected as object, what)
    if (Array.isArray(expected)) t.equal((answer as unknown[]).length, expected.length)
  }
})
