import { eq, sql } from 'drizzle-orm'
import Fastify from 'fastify'
import t from 'tap'
import authIntegration, { userScope } from '../../../lib/index.js'
import { onEveryDriver } from '../../fixtures/grounds.js'
import { createTables, notes, schema, tasks } from '../../fixtures/task-schema.js'
import { secret, token } from '../../fixtures/tokens.js'

const id = '00000000-0000-4000-8000-000000000001'
const settled = async (run: () => Promise<unknown>): Promise<any> => await run().then((value) => ({ value }), (error: unknown) => error)

onEveryDriver(t, { create: createTables, schema, where: ({ transactions }) => transactions }, async (t, { db, options, admin }) => {
  const scope = userScope(db, 'ada', options)
  const stored = async (): Promise<string[]> => (await scope.db.select().from(notes)).map(({ body }) => body).sort()
  await scope.repository(notes).insert({ id, body: 'first' })
  const insertTwice = async (tx: typeof scope.db) => await tx.insert(notes).values({ id, body: 'again' })

  await t.test('a transaction whose statement failed is not told as done', async (t) => {
    const error = await settled(() => scope.db.transaction(async (tx) => {
      await tx.repository(notes).insert({ body: 'lost' })
      await insertTwice(tx as never).catch(() => {})
      return 'done'
    }))
    t.equal(error.cause?.code, '23505', 'but rejects with what failed')
    t.same(await stored(), ['first'])
  })

  await t.test('nor one that did not wait for its statement', async (t) => {
    const error = await settled(() => scope.db.transaction(async (tx) => {
      await tx.repository(notes).insert({ body: 'lost' })
      insertTwice(tx as never).then(() => {}, () => {})
    }))
    t.equal(error.cause?.code, '23505')
    t.same(await stored(), ['first'])
  })

  await t.test('nor one that went on with other statements', async (t) => {
    const error = await settled(() => scope.db.transaction(async (tx) => {
      await insertTwice(tx as never).catch(() => {})
      await tx.select().from(tasks).catch(() => {})
      await tx.repository(notes).insert({ body: 'lost' }).catch(() => {})
    }))
    t.equal(error.cause?.code, '23505')
    t.same(await stored(), ['first'])
  })

  await t.test('nor one that came upon another user\'s row', async (t) => {
    await userScope(db, 'eve', options).repository(notes).insert({ id: '00000000-0000-4000-8000-000000000002', body: 'of eve' })
    const error = await settled(() => scope.db.transaction(async (tx) => {
      await tx.repository(notes).upsert({ id: '00000000-0000-4000-8000-000000000002', body: 'x' }, { target: notes.id }).catch(() => {})
    }))
    t.equal(error.code, 'FAI_CONFLICT')
  })

  await t.test('a savepoint is undone by itself, and the transaction goes on', async (t) => {
    await scope.db.transaction(async (tx) => {
      await tx.repository(notes).insert({ body: 'kept' })
      const error = await settled(() => tx.transaction(async (inner) => {
        await inner.repository(notes).insert({ body: 'lost' })
        await insertTwice(inner as never).catch(() => {})
      }))
      t.equal(error.cause?.code, '23505')
      await tx.transaction(async (inner) => { await inner.repository(notes).insert({ body: 'kept too' }) })
    })
    t.same(await stored(), ['first', 'kept', 'kept too'])
    await scope.repository(notes).delete(sql`body like 'kept%'`)
  })

  await t.test('what fails without PostgreSQL does not undo the transaction', async (t) => {
    await scope.db.transaction(async (tx) => {
      await tx.repository(notes).insert({ body: 'kept' })
      await t.rejects(tx.repository(notes).insert({ nothing: 1 } as never), { code: 'FAI_UNKNOWN_COLUMN' })
      await t.rejects(Promise.resolve(tx.select().from(notes).where(sql`;`)), { code: 'FAI_UNSAFE_FRAGMENT' })
    })
    t.same(await stored(), ['first', 'kept'])
    await scope.repository(notes).delete(eq(notes.body, 'kept'))
  })

  await t.test('the client reads the status of what failed', async (t) => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(authIntegration, { secret, db, cors: false, hook: 'onRequest', errorHandler: true, ...options })
    app.post('/', async (request) => await request.db.transaction(async (tx) => {
      await tx.insert(notes).values({ id, body: 'again' }).catch(() => {})
      return { done: true }
    }))
    const response = await app.inject({ method: 'POST', url: '/', headers: { authorization: `Bearer ${token()}` } })
    t.same([response.statusCode, response.json()], [409, { detail: 'Conflict' }])
  })

  await t.test('a constraint that is deferred to the end fails the transaction', async (t) => {
    await admin('alter table notes add constraint once unique (user_id, body) deferrable initially deferred')
    const error = await settled(() => scope.db.transaction(async (tx) => {
      await tx.repository(notes).insert({ body: 'first' })
      return 'done'
    }))
    t.equal(error.cause?.code ?? error.code, '23505')
    t.same(await stored(), ['first'])
    await admin('alter table notes drop constraint once')
  })

  // Twice each, so that statements are prepared; then the server forgets them, or their plans go stale.
  const reads = async (): Promise<unknown> => await Promise.all([0, 1, 2].map(async () => {
    await scope.db.transaction(async (tx) => {
      await tx.select().from(notes)
      await tx.repository(notes).findMany()
      await tx.repository(notes).updateById(id, { body: 'first' })
    })
    await scope.repository(notes).findMany()
    await scope.db.select().from(notes)
    await scope.repository(notes).updateById(id, { body: 'first' })
  }))
  for (const [name, change] of [
    ['a column of another type', () => admin('alter table notes alter column body type varchar(100)')],
    ['a column more', () => admin('alter table notes add column more text')],
    ['a column of another type, again', () => admin('alter table notes alter column body type text')]
  ] as const) {
    await t.test(`goes on after ${name}`, async (t) => {
      for (let times = 0; times < 3; times++) await reads()
      await change()
      for (let times = 0; times < 2; times++) t.equal(await settled(reads).then((answer) => answer.value === undefined ? `${answer.cause?.code ?? answer.code} ${answer.message}` : 'done'), 'done')
    })
  }

  await t.test('goes on after deallocate all and discard all', async (t) => {
    for (const statement of ['deallocate all', 'discard all']) {
      for (let times = 0; times < 3; times++) await reads()
      // On each of the app's connections, as a pooler's reset query would.
      await Promise.all([0, 1].map(async () => await db.execute(sql.raw(statement))))
      for (let times = 0; times < 2; times++) t.equal(await settled(reads).then((answer) => answer.value === undefined ? `${answer.cause?.code ?? answer.code} ${answer.message}` : 'done'), 'done', statement)
    }
  })
})
