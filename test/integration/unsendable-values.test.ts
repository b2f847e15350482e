import { eq, gt, inArray, or, sql, type SQL } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgresJs from 'postgres'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { userScope } from '../../lib/repository/user-scope.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables, notes, samples, schema, tasks } from '../fixtures/task-schema.js'

const { url } = await startPostgres(t)
const client = postgresJs(url, { max: 1, onnotice: () => {} })
t.teardown(() => client.end({ timeout: 1 }))
await client.unsafe(createTables)
const db = drizzle(client, { schema })
const scope = (user: string) => userScope(db, user)
for (const user of ['A', 'B', 'C', 'D']) await scope(user).repository(notes).insert({ body: `of ${user}` })

const circular: Record<string, unknown> = {}
circular.self = circular
// What a body or a query string can hold, what is left of one that has no such key, and what only a handler can hand over.
const values: Record<string, unknown> = {
  'an object with a toString that is none': { toString: 1 },
  undefined,
  'an empty object': {},
  'a symbol': Symbol('x'),
  'a function': () => 'x',
  'an Invalid Date': new Date(NaN),
  'an array with such an object': [{ toString: 1 }],
  circular,
  'a map': new Map()
}
const accessPaths: Record<string, (value: unknown) => PromiseLike<unknown>> = {
  select: (value) => scope('A').db.select().from(notes).where(eq(notes.body, value as string)),
  'a fragment': (value) => scope('A').db.select().from(notes).where(sql`${notes.body} = ${sql.param(value)}`),
  count: (value) => scope('A').repository(notes).count(eq(notes.body, value as string)),
  findMany: (value) => scope('A').repository(notes).findMany({ where: or(eq(notes.body, value as string), sql`true`)! }),
  findById: (value) => scope('A').repository(notes).findById(value as string),
  insert: (value) => scope('A').repository(notes).insert({ body: value as string }),
  'insert of several': (value) => scope('A').repository(notes).insert([{ body: 'x' }, { body: value as string }]),
  update: (value) => scope('A').db.update(notes).set({ body: sql`${sql.param(value)}` }).where(sql`true`),
  delete: (value) => scope('A').repository(notes).delete(eq(notes.body, value as string)),
  'a placeholder': (value) => scope('A').db.select().from(notes).where(eq(notes.body, sql.placeholder('body'))).prepare('unsendable').execute({ body: value }),
  'a bare placeholder': (value) => scope('A').db.select().from(notes).where(sql`body = ${sql.placeholder('body')}`).prepare('bare').execute({ body: value }),
  'a transaction': (value) => scope('A').db.transaction(async (tx) => await Promise.all([tx.select().from(notes), tx.select().from(notes).where(eq(notes.body, value as string))]))
}

/** Whoever else is on the connection; the statements are sent in one go, before and behind the one that fails. */
async function others (fail: () => PromiseLike<unknown>): Promise<{ failed: unknown, bodies: unknown[] }> {
  const read = async (user: string): Promise<unknown> => (await scope(user).repository(notes).findMany()).map(({ body }) => body)
  const before = [read('B'), read('C')]
  const failed = (async () => await fail())().catch((error: unknown) => error)
  const bodies = await Promise.all([...before, read('D'), read('B'), read('C'), read('D')])
  return { failed: await failed, bodies: bodies.flat() }
}

t.test('a value the driver cannot encode never shifts an answer to somebody else', async (t) => {
  for (const [accessPath, run] of Object.entries(accessPaths)) {
    for (const [name, value] of Object.entries(values)) {
      // The second time the statement is prepared, and the driver encodes while it sends.
      for (let turn = 0; turn < 2; turn++) {
        const { failed, bodies } = await others(() => run(value))
        t.strictSame(bodies, ['of B', 'of C', 'of D', 'of B', 'of C', 'of D'], `${name} in ${accessPath}: everybody has their own`)
        t.ok(failed instanceof errors.InvalidArgument || accessPath.startsWith('insert') || failed instanceof errors.InvalidTimestamp, `${name} in ${accessPath} is the client's mistake`)
      }
    }
  }
})

t.test('nor do more values than a statement can have', async (t) => {
  const ids = Array.from({ length: 70_000 }, (_, index) => index)
  const { failed, bodies } = await others(() => scope('A').db.select().from(tasks).where(inArray(tasks.id, ids)))
  t.strictSame(bodies, ['of B', 'of C', 'of D', 'of B', 'of C', 'of D'])
  t.ok(failed instanceof errors.InvalidArgument)
})

t.test('numbers, dates and arrays go where their columns are not told to the driver', async (t) => {
  const { db, repository } = scope('A')
  await repository(samples).insert({ id: 1, label: 'x', info: 5 })
  const found = async (condition: SQL): Promise<number> => (await db.select().from(samples).where(condition)).length
  for (let turn = 0; turn < 3; turn++) {
    t.equal(await found(sql`${samples.id} = any(${sql.param([1, 2])})`), 1)
    t.equal(await found(gt(sql`now()`, sql`${new Date('2024-01-01')}`)), 1)
    t.equal(await found(sql`now() > ${new Date(Date.now() + 60_000)}`), 0)
  }
})
