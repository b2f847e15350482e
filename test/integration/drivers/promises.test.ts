import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { userScope } from '../../../lib/index.js'
import { onEveryDriver, type AnyScope } from '../../fixtures/grounds.js'
import { categories, createTables, invoices, notes, schema, tasks } from '../../fixtures/task-schema.js'

// A thenable whose then() throws ends the process where nobody awaits it: in the handler of a WebSocket's message, for one.
const wrong: Record<string, (scope: AnyScope) => PromiseLike<unknown>> = {
  'select, an unsendable value': ({ db }) => db.select().from(tasks).where(eq(tasks.title, undefined as never)),
  'select, an unsafe fragment': ({ db }) => db.select().from(tasks).where(sql`true; delete from tasks`),
  'select, a table that is not owned': ({ db }) => db.select().from(invoices),
  'select, a join with raw SQL': ({ db }) => db.select().from(tasks).leftJoin(sql`invoices`, sql`true`),
  'select, a lock that is none': ({ db }) => db.select().from(tasks).for('nothing' as never),
  'select, a union with a foreign builder': ({ db }) => db.select({ one: sql`1` }).from(tasks).union({ getSQL: () => sql`select 1`, getSelectedFields: () => ({ one: sql`1` }) } as never),
  selectDistinct: ({ db }) => db.selectDistinct().from(tasks).where(sql`(select 1`),
  with: ({ db }) => db.with(db.$with('x').as(db.select().from(tasks))).select().from(tasks).where(sql`;`),
  'insert, another owner': ({ db }) => db.insert(notes).values({ userId: 'B', body: 'x' } as never),
  'insert, an unknown key': ({ db }) => db.insert(notes).values({ nothing: 'x' } as never),
  'insert, an unknown key, returning': ({ db }) => db.insert(notes).values({ nothing: 'x' } as never).returning(),
  'insert, an unknown key on conflict': ({ db }) => db.insert(notes).values({ body: 'x' }).onConflictDoUpdate({ target: notes.id, set: { nothing: 1 } as never }),
  'insert, no target on conflict': ({ db }) => db.insert(notes).values({ body: 'x' }).onConflictDoUpdate({} as never),
  'insert, no row': ({ db }) => db.insert(notes).values([]),
  'insert, null': ({ db }) => db.insert(notes).values(null as never),
  'insert, a shared table': ({ db }) => db.insert(categories).values({ id: 1, name: 'x' } as never),
  'insert, a timestamp that is none': ({ db }) => db.insert(tasks).values({ title: 'x', createdAt: 5 as never }),
  'insert, select of raw SQL': ({ db }) => db.insert(notes).select(sql`select 1` as never),
  'update, another owner': ({ db }) => db.update(notes).set({ userId: 'B' } as never),
  'update, an unknown key': ({ db }) => db.update(notes).set({ nothing: 'x' } as never),
  'update, nothing': ({ db }) => db.update(notes).set({}),
  'update, null': ({ db }) => db.update(notes).set(null as never),
  'update, a lost condition': ({ db }) => db.update(notes).set({ body: 'x' }).where(undefined),
  'update, an unsafe fragment': ({ db }) => db.update(notes).set({ body: sql`(select 1` }),
  'delete, a lost condition': ({ db }) => db.delete(notes).where(undefined),
  'delete, an unsafe fragment': ({ db }) => db.delete(notes).where(sql`)`).returning(),
  'delete, a table that is not owned': ({ db }) => db.delete(invoices),
  '$count, a table that is not owned': ({ db }) => db.$count(invoices),
  '$count, an unsafe fragment': ({ db }) => db.$count(tasks, sql`)`),
  'relational, an unsafe fragment': ({ db }) => db.query.tasks.findMany({ where: sql`)` }),
  'relational, a table that is not owned': ({ db }) => db.query.tasks.findFirst({ with: { invoice: true } }),
  execute: ({ db }) => db.execute(sql`drop table notes`),
  'transaction, a setting that is none': ({ db }) => db.transaction(async () => {}, { isolationLevel: 'none' as never }),
  'repository, findById': ({ repository }) => repository(tasks).findById(undefined as never),
  'repository, findMany': ({ repository }) => repository(tasks).findMany(null as never),
  'repository, paginate': ({ repository }) => repository(tasks).paginate({ cursor: 'x' }),
  'repository, insert': ({ repository }) => repository(tasks).insert(null as never),
  'repository, upsert': ({ repository }) => repository(tasks).upsert({} as never, undefined as never),
  'repository, upsert of nothing': ({ repository }) => repository(tasks).upsert(undefined as never, { target: tasks.id }),
  'repository, updateById': ({ repository }) => repository(tasks).updateById(1, null as never),
  'repository, update': ({ repository }) => repository(tasks).update(undefined as never, {}),
  'repository, delete': ({ repository }) => repository(tasks).delete(undefined as never)
}

onEveryDriver(t, { create: createTables, schema }, async (t, { db, options }) => {
  const scope = userScope(db, 'A', { sharedTables: [categories], ...options }) as AnyScope
  for (const [name, run] of Object.entries(wrong)) {
    await t.test(name, async (t) => {
      for (const call of ['then', 'catch', 'finally'] as const) {
        let settled: Promise<unknown> | undefined
        t.doesNotThrow(() => {
          const builder = run(scope) as Promise<unknown>
          if (call === 'then') settled = new Promise((resolve, reject) => { builder.then(reject, resolve) })
          if (call === 'catch') settled = builder.catch((error: unknown) => error)
          if (call === 'finally') settled = builder.finally(() => {}).then(() => { throw new Error('resolved') }, (error: unknown) => error)
        }, `${call} does not throw`)
        const error = await settled
        t.ok(error instanceof Error && error.message !== 'resolved', `${call} tells: ${String(error).slice(0, 100)}`)
      }
    })
  }

  await t.test('a prepared statement rejects a value that cannot be sent', async (t) => {
    const prepared = scope.db.select().from(tasks).where(eq(tasks.createdAt, sql.placeholder('at'))).prepare('by_time')
    let answer: Promise<unknown> | undefined
    t.doesNotThrow(() => { answer = prepared.execute({ at: undefined }) })
    await t.rejects(answer as Promise<unknown>)
  })
})
