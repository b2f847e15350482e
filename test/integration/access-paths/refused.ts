import { eq, sql } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { Test } from 'tap'
import { errors } from '../../../lib/errors.js'
import { type Canary } from '../../fixtures/canary.js'
import { notes, tasks } from '../../fixtures/task-schema.js'

/** Doors that were open once. */
export function refused (t: Test, canary: Canary): void {
  const { a, setting, attempt, reset } = canary
  t.beforeEach(reset)

  t.test('a common table expression ends with its side of a union', async (t) => {
    const leak = await attempt(t, 'read on the right side', ({ db }) => {
      const fake = db.$with('tasks').as(db.select({ id: notes.id, body: notes.body, title: sql<string>`'x'`.as('title') }).from(notes))
      const fields = { title: fake.title }
      return db.with(fake).select(fields).from(fake).union(db.select(fields).from(fake))
    })
    t.ok(leak instanceof errors.ForeignBuilder)
    const own = a.db.$with('own').as(a.db.select({ title: tasks.title }).from(tasks).where(eq(tasks.id, 1)))
    const other = a.db.$with('other').as(a.db.select({ title: tasks.title }).from(tasks).where(eq(tasks.id, 2)))
    t.same(await a.db.with(own).select().from(own).union(a.db.with(other).select().from(other)).orderBy(own.title), [{ title: 'own task 1' }, { title: 'own task 2' }])
  })

  t.test('a lock names tables and runs no text', async (t) => {
    for (const of of [sql.raw('notes) "x", lateral (select id, body from notes'), [sql.raw('notes')], 'notes']) {
      const leak = await attempt(t, 'text as "of"', ({ db }) => {
        const locked = db.select({ id: notes.id, body: notes.body }).from(notes).for('update', { of: of as never }).as('locked')
        return db.select().from(locked)
      })
      t.ok(leak instanceof errors.Unsupported)
    }
    t.ok(await attempt(t, 'text as strength', ({ db }) => db.select().from(tasks).for('update of tasks' as never)) instanceof errors.Unsupported)
    for (const strength of ['update', 'no key update', 'share', 'key share'] as const) t.equal((await a.db.select().from(tasks).for(strength)).length, 3)
    t.same(await a.db.select({ id: tasks.id }).from(tasks).where(eq(tasks.id, 1)).for('update', { of: tasks, skipLocked: true }), [{ id: 1 }])
    t.same(await a.db.select({ id: tasks.id }).from(tasks).where(eq(tasks.id, 1)).for('share', { of: [tasks], noWait: true }), [{ id: 1 }])
  })

  t.test('a table that lacks its owner column does not take one from the query around it', async (t) => {
    const drifted = pgTable('invoices', { id: integer(), userId: text('user_id'), total: integer() })
    const total = (db: typeof a.db) => sql`${db.select({ total: sql`max(${drifted.total})` }).from(drifted)}`
    const leak = await attempt(t, 'inside a query of tasks', ({ db }) => db.select({ total: total(db) }).from(tasks))
    t.match(leak, { cause: { code: '42703' } })
  })

  t.test('an owner column under a second property is the owner too', async (t) => {
    const twice = pgTable('notes', { id: text(), userId: text('user_id'), giveTo: text('user_id'), body: text() })
    for (const value of ['B', sql`'B'`]) {
      t.ok(await attempt(t, 'given away by update', ({ db }) => db.update(twice).set({ giveTo: value as string })) instanceof errors.ForeignOwner)
    }
    t.ok(await attempt(t, 'given away by repository', ({ repository }) => repository(twice).update(sql`true`, { giveTo: 'B' } as never)) instanceof errors.ForeignOwner)
    t.ok(await attempt(t, 'given away by upsert', ({ db }) => db.insert(twice).values({ body: '' }).onConflictDoUpdate({ target: twice.id, set: { giveTo: 'B' } })) instanceof errors.ForeignOwner)
    t.equal((await a.db.update(twice).set({ body: 'mine' }).returning()).length, 1)
  })

  t.test('a sub-query with conditions of its own hides nothing of the fragment around it', async (t) => {
    const inner = (db: typeof a.db) => db.select({ id: notes.id }).from(notes).where(sql`true`)
    const leaks: Array<[kind: string, leak: (db: typeof a.db) => PromiseLike<unknown>]> = [
      ['beside it', (db) => db.select({ x: sql`(select string_agg(body, ',') from notes) || (exists ${inner(db)})::text` }).from(notes)],
      ['out of the brackets', (db) => db.select().from(notes).where(sql`true) union (select id, user_id, body from notes where exists ${inner(db)}`)],
      ['in a condition', (db) => db.delete(notes).where(sql`id in (select id from notes) or exists ${inner(db)}`).returning()]
    ]
    for (const [kind, leak] of leaks) {
      const answer = await attempt(t, 'text in front of the sub-query', ({ db }) => leak(db))
      if (setting.rowLevelSecurity && kind !== 'out of the brackets') t.equal((answer as unknown[]).length, 1, 'PostgreSQL keeps it on the user\'s row')
      else t.ok(answer instanceof errors.UnsafeFragment)
    }
    await reset()
    t.equal((await a.db.select().from(notes).where(sql`exists ${inner(a.db)} and true`)).length, 1)
  })
}
