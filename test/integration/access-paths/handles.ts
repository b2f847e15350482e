import { eq, exists, sql } from 'drizzle-orm'
import { Cache } from 'drizzle-orm/cache/core'
import { pgSchema, pgTable, QueryBuilder, union, integer, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Test } from 'tap'
import { errors } from '../../../lib/errors.js'
import { userScope } from '../../../lib/repository/user-scope.js'
import { type Canary, canaryNote, type TaskDatabase } from '../../fixtures/canary.js'
import { categories, invoices, notes, schema, tasks } from '../../fixtures/task-schema.js'

/** What other handles, transactions and caches could let through. */
export function handles (t: Test, canary: Canary): void {
  const { a, b, db: everybody, client, setting, scopeOf, attempt, reset } = canary
  t.beforeEach(reset)

  type Anyone = Pick<TaskDatabase, 'select' | '$with' | '$count'>

  // A builder, sub-query, CTE or count of some other handle, in every place that takes one.
  const smuggled: Record<string, (from: Anyone) => unknown> = {
    'from a sub-query': (from) => a.db.select().from(from.select().from(notes).as('x')),
    'join a sub-query': (from) => a.db.select().from(tasks).leftJoin(from.select().from(notes).as('x'), sql`true`),
    'join a sub-query laterally': (from) => a.db.select().from(tasks).leftJoinLateral(from.select().from(notes).as('x'), sql`true`),
    'a sub-query as a field': (from) => a.db.select({ x: from.select({ body: sql`max(body)`.as('body') }).from(notes).as('x') }).from(tasks),
    'a builder in a fragment': (from) => a.db.select({ x: sql`${from.select({ body: sql`max(body)` }).from(notes)}` }).from(tasks),
    'its SQL in a fragment': (from) => a.db.select({ x: sql`(${from.select({ body: sql`max(body)` }).from(notes).getSQL()})` }).from(tasks),
    exists: (from) => a.db.select().from(tasks).where(exists(from.select().from(notes).where(eq(notes.userId, 'B')))),
    'a common table expression': (from) => { const cte = from.$with('x').as(from.select().from(notes)); return a.db.with(cte as never).select().from(cte as never) },
    'a common table expression that nobody reads': (from) => a.db.with(from.$with('x').as(from.select().from(notes)) as never).select().from(tasks),
    'a common table expression of a delete': (from) => a.db.with(from.$with('x').as(from.select().from(notes)) as never).delete(tasks).returning(),
    'a common table expression made of it': (from) => { const cte = a.db.$with('x').as(from.select().from(notes)); return a.db.with(cte).select().from(cte) },
    'a common table expression not declared': (from) => { const cte = from.$with('notes').as(from.select().from(tasks)); return a.db.select().from(cte as never) },
    'the right side of a union': (from) => a.db.select().from(notes).union(from.select().from(notes) as never),
    'the right side of union()': (from) => union(a.db.select().from(notes), from.select().from(notes) as never),
    'the left side of union()': (from) => union(from.select().from(notes), a.db.select().from(notes) as never),
    'insert … select': (from) => a.db.insert(notes).select(from.select({ body: notes.body }).from(notes) as never).returning(),
    'update … from': (from) => a.db.update(notes).set({ body: sql`x.body` }).from(from.select().from(notes).as('x')).returning(),
    'a value': (from) => a.db.update(notes).set({ body: sql`${from.select({ body: sql`max(body)` }).from(notes)}` }).returning(),
    '$count of it': (from) => a.db.$count(from.select().from(notes).as('x')),
    'its $count': (from) => a.db.select({ n: from.$count(notes, eq(notes.userId, 'B')) }).from(tasks)
  }

  // Under row-level security the text of an unscoped sub-query is a sub-select like any other, for PostgreSQL to keep on A's rows.
  const isText = (name: string): boolean => setting.rowLevelSecurity && ['its SQL in a fragment', 'its $count'].includes(name)
  const foreign = [errors.ForeignBuilder, errors.UnsafeFragment]

  t.test('a query of the unscoped database is refused', async (t) => {
    for (const [name, run] of Object.entries(smuggled)) {
      const answer = await attempt(t, name, () => run(everybody))
      if (isText(name)) t.ok(Array.isArray(answer), name)
      else t.ok(foreign.some((error) => answer instanceof error), `${name}: ${String(answer)}`)
    }
  })

  t.test('a query of B\'s scope is refused', async (t) => {
    for (const [name, run] of Object.entries(smuggled)) {
      const answer = await attempt(t, name, () => run(b.db as never))
      t.ok(foreign.some((error) => answer instanceof error), `${name}: ${String(answer)}`)
    }
  })

  t.test('a query of a bare QueryBuilder is refused', async (t) => {
    const builder = new QueryBuilder() as unknown as Anyone
    for (const [name, run] of Object.entries(smuggled).filter(([name]) => !/its .count|left side/.test(name))) {
      const answer = await attempt(t, name, () => run(builder))
      if (isText(name)) t.ok(Array.isArray(answer), name)
      else t.ok(foreign.some((error) => answer instanceof error), `${name}: ${String(answer)}`)
    }
  })

  t.test('a query of the user works in every one of these places', async (t) => {
    for (const [name, run] of Object.entries(smuggled).filter(([name]) => name !== 'a common table expression not declared')) {
      t.notOk(await attempt(t, name, () => run(a.db as never)) instanceof Error, name)
      await reset()
    }
  })

  t.test('a query of the user is refused by every other handle', async (t) => {
    const own = () => a.db.select().from(notes)
    for (const run of [
      () => everybody.select().from(own().as('x')), () => everybody.select({ x: sql`${own()}` }).from(tasks), () => union(everybody.select().from(notes), own()),
      () => everybody.execute(own().getSQL()), () => everybody.execute(sql`delete from notes where id in ${own()}`), () => b.db.select().from(own().as('x'))
    ]) t.ok(await attempt(t, 'handed out', run) instanceof errors.ForeignBuilder)
  })

  t.test('raw SQL, materialised views and the real database are not on the handle', async (t) => {
    const handle = a.db as unknown as Record<string, any>
    const raw = await attempt(t, 'execute', () => handle.execute(sql`select body from notes`))
    if (setting.rowLevelSecurity) t.same(raw, [{ body: 'own note' }], 'PostgreSQL alone keeps raw SQL on the user\'s rows')
    else t.ok(raw instanceof errors.Unsupported)
    t.ok(await attempt(t, 'refresh', () => handle.refreshMaterializedView(sql`x`)) instanceof errors.Unsupported)
    t.ok(await attempt(t, 'from raw SQL', ({ db }) => db.select().from(sql`notes`)) instanceof errors.UnsafeFragment)
    t.ok(await attempt(t, 'join of raw SQL', ({ db }) => db.select().from(tasks).leftJoin(sql`notes`, sql`true`)) instanceof errors.UnsafeFragment)
    t.ok(await attempt(t, 'a sub-query made by hand', ({ db }) => db.select().from({ ...db.select().from(notes).as('x') } as never)) instanceof Error)
    const members = new Set<string>()
    for (let object: object = a.db; object !== Object.prototype; object = Object.getPrototypeOf(object)) for (const name of Reflect.ownKeys(object)) members.add(String(name))
    members.delete('constructor')
    t.same([...members].sort(), [
      '$count', '$with', 'delete', 'execute', 'insert', 'query', 'refreshMaterializedView', 'repository', 'select', 'selectDistinct', 'selectDistinctOn', 'transaction', 'update', 'with'
    ])
  })

  t.test('a table that is neither owned nor shared is refused, under any object or alias', async (t) => {
    const renamed = pgTable('tasks', { id: integer(), title: text() })
    const elsewhere = pgSchema('app').table('categories', { id: integer() })
    for (const table of [invoices, renamed, elsewhere]) {
      for (const answer of [
        await attempt(t, 'select', ({ db }) => db.select().from(table)), await attempt(t, 'join', ({ db }) => db.select().from(tasks).leftJoin(table, sql`true`)),
        await attempt(t, 'count', ({ db }) => db.$count(table)), await attempt(t, 'sub-query', ({ db }) => db.select({ x: sql`${db.select().from(table)}` }).from(tasks)),
        await attempt(t, 'update … from', ({ db }) => db.update(notes).set({ body: '' }).from(table))
      ]) t.ok(answer instanceof errors.UnownedTable)
    }
    const sameName = pgTable('categories', { id: integer(), name: text() })
    t.equal((await a.db.select().from(sameName)).length, 2, 'a shared table is known by its real name')
    const locked = await attempt(t, 'a lock on a shared table', ({ db }) => db.select().from(categories).for('share'))
    if (setting.rowLevelSecurity) t.match(locked, { cause: { code: '42501' } }, 'a lock takes more than the right to read')
    else t.equal((locked as unknown[]).length, 2)
  })

  t.test('transactions and savepoints are scoped, roll back, and end', async (t) => {
    let kept: typeof a.db | undefined
    await attempt(t, 'a transaction', ({ db }) => db.transaction(async (tx) => {
      kept = tx as unknown as typeof a.db
      await tx.update(notes).set({ body: 'x' })
      await tx.delete(tasks).where(sql`true`)
      await tx.repository(notes).update(sql`true`, { body: 'y' })
      return [await tx.select().from(notes), await tx.query.notes.findMany(), await tx.$count(notes), await tx.transaction(async (inner) => await inner.select().from(notes).where(eq(notes.id, canaryNote)))]
    }))
    t.equal((await a.repository(notes).findMany())[0]!.body, 'y')
    const prepared: Array<() => PromiseLike<unknown>> = []
    await a.db.transaction(async (tx) => {
      const statement = tx.select().from(notes).prepare('kept')
      const relational = tx.query.notes.findMany().prepare('kept too')
      const repository = tx.repository(notes)
      prepared.push(() => statement.execute(), () => relational.execute(), () => repository.findMany(), () => repository.findById(canaryNote), () => tx.$count(notes), () => tx.transaction(async () => {}))
    })
    for (const late of [() => kept!.select().from(notes), () => kept!.insert(notes).values({}), ...prepared]) t.ok(await attempt(t, 'after its end', late) instanceof errors.TransactionEnded)
    await t.rejects(a.db.transaction(async (tx) => { await tx.delete(notes); throw new Error('no') }), { message: 'no' })
    await t.rejects(a.db.transaction(async (tx) => { await tx.delete(notes); tx.rollback() }))
    await a.db.transaction(async (tx) => { await t.rejects(tx.transaction(async (inner) => { await inner.delete(notes); inner.rollback() })) })
    t.equal(await a.db.$count(notes), 1)
  })

  t.test('a savepoint that outlives its transaction is dead', async (t) => {
    let goOn: (value?: unknown) => void = () => {}
    const ended = new Promise((resolve) => { goOn = resolve })
    const answer = new Promise((resolve) => {
      a.db.transaction(async (tx) => {
        tx.transaction(async (inner) => {
          await ended
          resolve(await attempt(t, 'after the end around it', () => inner.select().from(notes)))
        }).catch(() => {})
        await tx.select().from(notes)
      }).finally(goOn)
    })
    t.ok(await answer instanceof errors.TransactionEnded)
  })

  t.test('isolation level and access mode are listed values', async (t) => {
    for (const config of [{ isolationLevel: 'serializable; delete from notes' }, { accessMode: 'read write; set role postgres' }, { deferrable: 'x' }, { constructor: 'x' }, { isolationLevel: null }]) {
      t.ok(await attempt(t, JSON.stringify(config), ({ db }) => db.transaction(async (tx) => await tx.select().from(notes), config as never)) instanceof errors.Unsupported)
    }
    const level = await a.db.transaction(async (tx) => await tx.select({ level: sql`current_setting('transaction_isolation')` }).from(notes), { isolationLevel: 'serializable', accessMode: 'read only', deferrable: true })
    t.same(level, [{ level: 'serializable' }])
  })

  t.test('a cached answer is kept for its user, under a tag too', async (t) => {
    const kept = new Map<string, any>()
    class MemoryCache extends Cache {
      override strategy () { return 'explicit' as const }
      override async get (key: string) { return kept.get(key) }
      override async put (key: string, response: unknown) { kept.set(key, response) }
      override async onMutate () { kept.clear() }
    }
    const cached = drizzle(client, { schema, cache: new MemoryCache() })
    const of = (userId: string) => scopeOf(userId, cached).db
    for (const config of [{ tag: 'notes' }, {}, undefined]) {
      t.match(await of('B').select().from(notes).$withCache(config), [{ userId: 'B' }])
      t.match(await attempt(t, 'the same query and tag', () => of('A').select().from(notes).$withCache(config)), [{ userId: 'A' }])
      t.match(await of('A').select().from(notes).$withCache(config), [{ userId: 'A' }], 'from the cache')
    }
    // Two users' rows by the tag and without one, and the tag.
    t.equal(kept.size, 5)
    await of('A').update(notes).set({ body: 'x' })
    t.equal(kept.size, 0)
  })

  t.test('no scope without a user', async (t) => {
    for (const userId of ['', undefined, null, 0, 1, {}, ['A'], 'a\0', '\ud800', new String('A')]) { // eslint-disable-line no-new-wrappers -- what a caller may pass on
      t.throws(() => userScope(everybody, userId as string), errors.InvalidUserId)
    }
    t.same(await scopeOf("A' or true --").db.select().from(notes), [])
  })
}
