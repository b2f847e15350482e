import { eq, sql, ValueRows } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { Cache } from 'drizzle-orm/cache/core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { userScope } from '../../lib/repository/user-scope.js'
import { canary, startTaskPlace } from '../fixtures/canary.js'
import { layers, rowLevelSecurity } from '../fixtures/settings.js'
import { categories, notes, tasks } from '../fixtures/task-schema.js'

// What Drizzle 1.x offers beside the ways of 0.45: nothing of others comes back, nothing of others changes, and what may be done works.
for (const layer of layers) {
  t.test(`ways that Drizzle 1.x has and 0.45 has not: ${layer.name}`, async (t) => {
    const { attempt, a, client, scopeOf } = await canary(t, await startTaskPlace(t, layer))
    const db = a.db as any
    const refused = async (name: string, error: new () => Error, run: () => unknown): Promise<void> => {
      t.ok(await attempt(t, name, async () => await run()) instanceof error, `${name} is refused by name`)
    }

    t.test('comments', async (t) => {
      for (const [name, query] of Object.entries({
        select: () => db.select().from(notes).comment('x'),
        insert: () => db.insert(notes).values({ body: 'x' }).comment('*/ ; delete from notes --'),
        update: () => db.update(notes).set({ body: 'x' }).comment({ a: 'b' }),
        delete: () => db.delete(notes).comment('x')
      })) await refused(name, errors.Unsupported, query)
      await refused('in a fragment', errors.UnsafeFragment, () => db.select().from(notes).where(sql`true ${(sql as any).comment('x')}`))
      t.equal((await db.select().from(notes)).length, 1)
    })

    t.test('aliased columns', async (t) => {
      await attempt(t, 'selected', () => db.select({ x: (tasks.title as any).as('x') }).from(tasks))
      await attempt(t, 'named like the owner', () => db.select({ user_id: (tasks.title as any).as('user_id') }).from(tasks).where(eq((tasks.title as any).as('user_id'), 'B')))
      const sub = db.select({ title: (tasks.title as any).as('told') }).from(tasks).as('sub')
      await attempt(t, 'of a sub-query', () => db.select().from(sub))
      t.same((await db.select({ x: (tasks.id as any).as('x') }).from(tasks).orderBy((tasks.id as any).as('x'))), [{ x: 1 }, { x: 2 }, { x: 3 }])
      t.same((await db.select().from(sub)).map(({ title }: any) => title).sort(), ['own task 1', 'own task 2', 'own task 3'])
    })

    t.test('columns listed for an insert', async (t) => {
      await refused('a list', errors.Unsupported, () => db.insert(notes, 'id', 'body').values({ id: '00000000-0000-4000-8000-0000000000ff', body: 'x' }))
      await refused('a list behind with()', errors.Unsupported, () => db.with().insert(notes, 'userId', 'body').values({ userId: 'B', body: 'x' }))
    })

    t.test('rows of values', async (t) => {
      await attempt(t, 'as a condition', () => db.select().from(tasks).where(sql`(${tasks.id}, ${tasks.userId}) in ${new ValueRows([1, 'B', 4, 'B'], [tasks.id, tasks.userId] as never)}`))
      await refused('with SQL in a cell', errors.UnsafeFragment, () => db.select().from(tasks).where(sql`${tasks.title} in ${new ValueRows([sql`'x'; select 1`], [tasks.title] as never)}`))
      await refused('as a statement', errors.ForeignBuilder, () => db.$with('x').as({ getSQL: () => new ValueRows([1], [tasks.id] as never).getSQL() }))
    })

    t.test('handles', async (t) => {
      for (const name of ['session', 'dialect', '_', '$client', '$replica', 'batch', 'tagged', '$cache']) t.equal(db[name], undefined, `${name} is not handed on`)
      await attempt(t, 'arrays of the session', () => db.session.arrays(sql`select * from tasks`))
      await refused('execute with a mode', errors.Unsupported, () => db.execute(sql`select 1`, 'arrays'))
      await refused('a snapshot', errors.Unsupported, () => db.transaction(async () => {}, { snapshot: "x'; delete from notes; --" }))
      await refused('an isolation level of one\'s own', errors.Unsupported, () => db.transaction(async () => {}, { isolationLevel: 'serializable; delete from notes' }))
      await refused('the built SQL without casts', errors.ForeignBuilder, () => drizzle({ client } as never).execute(db.select().from(notes).getSQL(false)))
      await refused('tagged SQL of the app\'s dialect', errors.ForeignBuilder, () => (drizzle({ client } as never) as any).dialect._sqlToQuery(db.select().from(notes).getSQL()))
      t.equal(await db.transaction(async (tx: any) => await tx.$count(notes), { isolationLevel: 'repeatable read' }), 1)
    })

    t.test('set operations', async (t) => {
      const both = await attempt(t, 'a union', () => db.select({ id: tasks.id, title: tasks.title }).from(tasks).union(db.select({ id: tasks.id, title: tasks.title }).from(tasks)).orderBy(tasks.id).limit(2))
      t.same(both, [{ id: 1, title: 'own task 1' }, { id: 2, title: 'own task 2' }])
    })

    t.test('a relational cache names the user', async (t) => {
      const kept = new Map<string, unknown>()
      class MemoryCache extends Cache {
        override strategy () { return 'explicit' as const }
        override async get (key: string) { return kept.get(key) as never }
        override async put (key: string, response: unknown) { kept.set(key, response) }
        override async onMutate ({ tables }: any) { if ([tables].flat().includes('notes')) kept.clear() }
      }
      const { defineRelations } = await import('drizzle-orm')
      const cached = drizzle({ client, cache: new MemoryCache(), relations: defineRelations({ notes, tasks, categories } as never) } as never) as never
      const [ofA, ofB] = [scopeOf('A', cached).db as any, scopeOf('B', cached).db as any]
      t.match(await ofB.query.notes.findMany({ withCache: true }), [{ userId: 'B' }])
      t.match(await attempt(t, 'the same query', () => ofA.query.notes.findMany({ withCache: true })), [{ userId: 'A' }])
      t.equal(kept.size, 2)
      await ofA.update(notes).set({ body: 'own changed' })
      t.equal(kept.size, 0, 'a write of the user\'s invalidates')
      t.match(await ofA.query.notes.findMany({ withCache: true }), [{ body: 'own changed' }])
    })
  })
}

t.test('a database that knows no tables is refused under row-level security unless it is given the schema', async (t) => {
  const { client } = await canary(t, await startTaskPlace(t, rowLevelSecurity))
  const { compileScope } = await import('../../lib/repository/user-scope.js')
  const bare = (): never => drizzle({ client } as never) as never
  await t.rejects(compileScope(bare(), { rowLevelSecurity: true }).checkRole!(), /knows no tables/)
  t.same(await compileScope(bare(), { rowLevelSecurity: true, schema: { notes, tasks } }).checkRole!(), [])
  t.throws(() => userScope(bare(), 'A', { schema: {} }), TypeError)
})
