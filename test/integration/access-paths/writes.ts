import { eq, ne, or, sql } from 'drizzle-orm'
import { alias, integer, pgTable, text } from 'drizzle-orm/pg-core'
import type { Test } from 'tap'
import { errors } from '../../../lib/errors.js'
import { type Canary, canaryMark, canaryNote, ownNote } from '../../fixtures/canary.js'
import { categories, entries, invoices, memos, notes, openTasks, projects, taskCounts, tasks } from '../../fixtures/task-schema.js'

/** Everything that writes. */
export function writes (t: Test, canary: Canary): void {
  const { a, admin, attempt, reset } = canary
  const { db } = a
  t.beforeEach(reset)

  const now = { createdAt: new Date(), updatedAt: new Date() }
  const everything = [sql`true`, eq(notes.userId, 'B'), or(eq(notes.userId, 'B'), sql`true`), sql`user_id = 'A' or true`, ne(notes.userId, 'A')]

  t.test('update: no condition, value or source reaches another user\'s row', async (t) => {
    for (const where of everything) {
      const changed = await attempt(t, 'where', ({ db }) => db.update(notes).set({ body: 'changed' }).where(where).returning()) as Array<{ userId: string }>
      t.ok(changed.every(({ userId }) => userId === 'A'))
    }
    await attempt(t, 'without where', ({ db }) => db.update(notes).set({ body: 'changed' }))
    t.ok(await attempt(t, 'undefined as where', ({ db }) => db.update(notes).set({ body: 'changed' }).where(undefined)) instanceof errors.MissingCondition)
    await attempt(t, 'value from a sub-query', ({ db }) => db.update(notes).set({ body: sql`${db.select({ all: sql`string_agg(title, ',')` }).from(tasks)}` }).returning())
    await attempt(t, 'where with a sub-query', ({ db }) => db.update(notes).set({ body: 'x' }).where(sql`exists ${db.select().from(tasks).where(eq(tasks.userId, 'B'))}`).returning())
    t.same(await db.update(notes).set({ body: sql`upper(${notes.userId})` }).where(eq(notes.id, ownNote)).returning({ body: notes.body }), [{ body: 'A' }])
    t.same(await db.update(notes).set({ body: notes.userId }).returning({ body: notes.body }), [{ body: 'A' }])
  })

  t.test('update … from reads and writes the user\'s rows', async (t) => {
    const other = alias(notes, 'other')
    await attempt(t, 'another table', ({ db }) => db.update(notes).set({ body: sql`${tasks.title}` }).from(tasks).where(sql`true`).returning())
    await attempt(t, 'an alias of itself', ({ db }) => db.update(notes).set({ body: sql`${other.body}` }).from(other).where(eq(other.id, canaryNote)).returning())
    await attempt(t, 'a sub-query', (scope) => scope.db.update(notes).set({ body: 'x' }).from(scope.db.select().from(tasks).as('tasks')).where(sql`true`).returning())
    await attempt(t, 'joins', ({ db }) => db.update(notes).set({ body: 'x' }).from(tasks).leftJoin(projects, sql`true`).fullJoin(entries, sql`true`).where(sql`true`).returning())
    await attempt(t, 'raw SQL', ({ db }) => db.update(notes).set({ body: 'x' }).from(sql`tasks`).returning())
    await attempt(t, 'the name of its own table', ({ db }) => db.update(notes).set({ body: 'x' }).from(alias(tasks, 'notes')).where(sql`true`).returning())
    const changed = await db.update(tasks).set({ title: sql`${tasks.title} || ' of ' || ${projects.name}` }).from(projects).innerJoin(categories, eq(categories.id, 1)).where(eq(projects.id, tasks.projectId)).returning()
    t.equal(changed.length, 3)
    t.match(changed[0], { title: /^own task \d of own project$/, projects: { slug: 'own' }, categories: { name: 'home' } })
  })

  t.test('delete: no condition reaches another user\'s row', async (t) => {
    for (const where of everything) {
      const gone = await attempt(t, 'where', ({ db }) => db.delete(notes).where(where).returning()) as Array<{ userId: string }>
      t.ok(gone.every(({ userId }) => userId === 'A'))
      await reset()
    }
    t.ok(await attempt(t, 'undefined as where', ({ db }) => db.delete(notes).where(undefined)) instanceof errors.MissingCondition)
    await attempt(t, 'where with a sub-query', ({ db }) => db.delete(notes).where(sql`${canaryNote} = any(array${db.select({ id: notes.id }).from(notes)})`).returning())
    await attempt(t, 'in a common table expression', ({ db }) => { const gone = db.$with('gone').as(db.delete(notes).returning()); return db.with(gone).select().from(gone) })
    t.same(await db.delete(tasks).where(eq(tasks.id, 1)).returning({ id: tasks.id }), [{ id: 1 }])
  })

  t.test('insert writes the user as the owner, whatever is given', async (t) => {
    for (const userId of ['B', 'a', ' A', '', null, 0, sql`'B'`, sql`default`, sql.placeholder('user'), { toString: () => 'A' }, ['A'], new String('A'), sql.param('B')]) { // eslint-disable-line no-new-wrappers -- what a caller may pass on
      const refused = [
        await attempt(t, 'insert', ({ db }) => db.insert(notes).values({ userId, body: 'x' } as never)),
        await attempt(t, 'one of several rows', ({ db }) => db.insert(notes).values([{ body: 'x' }, { userId, body: 'x' }] as never)),
        await attempt(t, 'update', ({ db }) => db.update(notes).set({ userId } as never)),
        await attempt(t, 'upsert', ({ db }) => db.insert(notes).values({ id: ownNote }).onConflictDoUpdate({ target: notes.id, set: { userId } as never })),
        await attempt(t, 'repository.insert', ({ repository }) => repository(notes).insert({ userId, body: 'x' } as never)),
        await attempt(t, 'repository.insert of several', ({ repository }) => repository(notes).insert([{ userId, body: 'x' }] as never)),
        await attempt(t, 'repository.updateById', ({ repository }) => repository(notes).updateById(ownNote, { userId } as never)),
        await attempt(t, 'repository.update', ({ repository }) => repository(notes).update(sql`true`, { userId } as never)),
        await attempt(t, 'repository.upsert', ({ repository }) => repository(notes).upsert({ userId, id: ownNote } as never, { target: notes.id })),
        await attempt(t, 'set of repository.upsert', ({ repository }) => repository(notes).upsert({ id: ownNote }, { target: notes.id, set: { userId } as never }))
      ]
      for (const answer of refused) t.ok(answer instanceof errors.ForeignOwner, `${String(userId)}: ${String(answer)}`)
    }
    t.equal((await admin`select 1 from notes where user_id = 'A'`).length, 1, 'nothing was written')
    t.match(await db.insert(notes).values([{ body: 'one' }, { body: 'two', userId: 'A' }]).returning(), [{ userId: 'A' }, { userId: 'A' }])
    t.match(await a.repository(notes).insert({ body: 'three', userId: 'A' } as never), { userId: 'A', body: 'three' })
    t.match(await a.repository(notes).updateById(ownNote, { userId: 'A', body: 'four' } as never), { userId: 'A', body: 'four' })
    t.match(await a.repository(notes).updateById(ownNote, { userId: 'A' } as never), { body: 'four' })
    t.match(await db.update(notes).set({ userId: 'A' }).returning({ userId: notes.userId }), Array(4).fill({ userId: 'A' }))
  })

  t.test('insert … select takes the user\'s rows and owner', async (t) => {
    await attempt(t, 'rows of everybody', ({ db }) => db.insert(notes).select(db.select({ id: sql`gen_random_uuid()`, userId: sql`'B'`, body: tasks.title }).from(tasks).where(sql`true`) as never).returning())
    await attempt(t, 'by callback', ({ db }) => db.insert(notes).select(((qb: typeof db) => qb.select({ userId: tasks.userId, body: tasks.title }).from(tasks)) as never).returning())
    await attempt(t, 'a union', ({ db }) => db.insert(notes).select(db.select({ body: tasks.title }).from(tasks).union(db.select({ body: notes.body }).from(notes)) as never).returning())
    for (const source of [sql`select gen_random_uuid(), 'B', title from tasks`, () => sql`select 1`]) t.ok(await attempt(t, 'raw SQL', ({ db }) => db.insert(notes).select(source as never)) instanceof errors.UnsafeFragment)
    t.ok(await attempt(t, 'a key that is no column', ({ db }) => db.insert(notes).select(db.select({ user_id: tasks.userId }).from(tasks) as never)) instanceof errors.UnknownColumn)
    const rows = await db.insert(notes).select(db.select({ userId: sql`'someone'`, body: tasks.title }).from(tasks).orderBy(tasks.id) as never).returning()
    t.match(rows, [{ userId: 'A', body: 'own task 1' }, { userId: 'A', body: 'own task 2' }, { userId: 'A', body: 'own task 3' }])
  })

  t.test('an upsert changes the user\'s row, and never another\'s', async (t) => {
    const upsert = (scope: typeof a) => scope.db.insert(notes).values({ id: canaryNote, body: 'mine now' })
    // The scope's condition finds out in one setting, a policy in the other. A bare `user_id` might be the row's or the proposed one's: 42702.
    const changesNothing = (answer: unknown): void => { t.ok(answer instanceof errors.Conflict || (answer as { cause?: { code?: string } }).cause?.code === '42702', String(answer)) }
    changesNothing(await attempt(t, 'without setWhere', (scope) => upsert(scope).onConflictDoUpdate({ target: notes.id, set: { body: 'mine now' } }).returning()))
    for (const where of everything) {
      changesNothing(await attempt(t, 'with setWhere', (scope) => upsert(scope).onConflictDoUpdate({ target: notes.id, set: { body: 'mine now' }, setWhere: where }).returning()))
      changesNothing(await attempt(t, 'with where', (scope) => upsert(scope).onConflictDoUpdate({ target: notes.id, set: { body: 'mine now' }, where: where! }).returning()))
    }
    changesNothing(await attempt(t, 'that returns what is there', (scope) => upsert(scope).onConflictDoUpdate({ target: notes.id, set: { body: sql`${notes.body}` } }).returning()))
    t.same(await attempt(t, 'that does nothing', (scope) => upsert(scope).onConflictDoNothing().returning()), [])
    t.same(await attempt(t, 'that does nothing on its key', (scope) => upsert(scope).onConflictDoNothing({ target: [notes.id] }).returning()), [])
    t.ok(await attempt(t, 'repository', ({ repository }) => repository(notes).upsert({ id: canaryNote, body: 'mine now' }, { target: notes.id })) instanceof errors.Conflict)
    t.match(await attempt(t, 'insert of its id', ({ repository }) => repository(notes).insert({ id: canaryNote })), { cause: { code: '23505' } })
    const own = db.insert(notes).values({ id: ownNote, body: 'new' })
    t.match(await own.onConflictDoUpdate({ target: notes.id, set: { body: sql`excluded.body || '!'` } }).returning(), [{ id: ownNote, body: 'new!' }])
    t.match(await db.insert(notes).values({ id: ownNote, body: 'new' }).onConflictDoUpdate({ target: notes.id, set: { body: notes.userId }, setWhere: eq(notes.body, 'new!') }).returning(), [{ body: 'A' }])
    t.same(await db.insert(notes).values({ id: ownNote, body: 'new' }).onConflictDoUpdate({ target: notes.id, set: { body: '' }, setWhere: eq(notes.body, 'other') }).returning(), [])
    t.match(await a.repository(entries).upsert({ day: '2024-01-01', slot: 1, text: 'later' }, { target: [entries.userId, entries.day, entries.slot] }), { userId: 'A', text: 'later' })
    t.match(await a.repository(notes).upsert({ id: ownNote, body: 'set' }, { target: notes.id, set: { body: 'other' } }), { body: 'other' })
    t.match(await a.repository(notes).upsert({ id: ownNote }, { target: notes.id }), { body: 'other' })
  })

  t.test('returning answers with the user\'s rows', async (t) => {
    const all = (scope: typeof a) => sql<string>`${scope.db.select({ all: sql`string_agg(body, ',')` }).from(notes)}`
    await attempt(t, 'insert', (scope) => scope.db.insert(notes).values({}).returning({ all: all(scope) }))
    await attempt(t, 'update', (scope) => scope.db.update(notes).set({ body: 'x' }).returning({ all: all(scope), row: sql`${notes}` }))
    await attempt(t, 'delete', (scope) => scope.db.delete(notes).returning({ all: all(scope) }))
  })

  t.test('common table expressions that write', async (t) => {
    await attempt(t, 'update', ({ db }) => { const changed = db.$with('changed').as(db.update(notes).set({ body: 'x' }).where(sql`true`).returning()); return db.with(changed).select().from(changed) })
    await attempt(t, 'insert', ({ db }) => { const made = db.$with('made').as(db.insert(notes).values({ body: 'x' }).returning()); return db.with(made).select().from(made).leftJoin(notes, sql`true`) })
    await attempt(t, 'a write that reads one', ({ db }) => { const own = db.$with('own').as(db.select().from(tasks)); return db.with(own).update(notes).set({ body: sql`${own.title}` }).from(own).where(sql`true`).returning() })
    await attempt(t, 'a delete that reads one', ({ db }) => { const own = db.$with('own').as(db.select().from(tasks)); return db.with(own).delete(notes).where(sql`exists ${db.select().from(own)}`).returning() })
    await attempt(t, 'an insert that reads one', ({ db }) => { const own = db.$with('own').as(db.select({ body: tasks.title }).from(tasks)); return db.with(own).insert(notes).select(db.select({ body: own.body }).from(own) as never).returning() })
    const gone = db.$with('gone').as(db.delete(tasks).where(eq(tasks.id, 1)).returning({ title: tasks.title }))
    t.same(await db.with(gone).select().from(gone), [{ title: 'own task 1' }])
    const first = db.$with('first').as(db.select({ id: tasks.id }).from(tasks).where(eq(tasks.id, 2)))
    t.same(await db.with(first).delete(tasks).where(sql`${tasks.id} in ${db.select().from(first)}`).returning({ id: tasks.id }), [{ id: 2 }])
    t.match(await db.with(first).insert(notes).values({ body: 'beside it' }).returning(), [{ body: 'beside it' }])
  })

  t.test('what cannot be written: aliases, views, shared and unowned tables', async (t) => {
    const other = pgTable('notes', { id: text(), body: text() })
    const refused: Array<[unknown, unknown]> = [
      [alias(notes, 'n'), errors.Unsupported], [openTasks, errors.Unsupported], [taskCounts, errors.Unsupported], [sql`notes`, errors.Unsupported], ['notes', errors.Unsupported],
      [categories, errors.SharedTableWrite], [invoices, errors.UnownedTable], [other, errors.UnownedTable]
    ]
    for (const [table, error] of refused) {
      const to = table as typeof notes
      for (const answer of [
        await attempt(t, 'insert', ({ db }) => db.insert(to).values({ id: '1' })),
        await attempt(t, 'update', ({ db }) => db.update(to).set({ id: '1' })),
        await attempt(t, 'delete', ({ db }) => db.delete(to)),
        await attempt(t, 'repository', async ({ repository }) => await repository(to).findMany())
      ]) t.ok(answer instanceof (error as typeof Error), String(answer))
    }
    t.equal((await admin`select 1 from categories`).length, 2)
    t.equal((await db.select().from(categories)).length, 2)
  })

  t.test('keys of a hostile body are columns of their own or nothing', async (t) => {
    for (const body of ['{"user_id":"B"}', '{"__proto__":{"userId":"B"}}', '{"constructor":"x"}', '{"toString":"x"}', '{"bo\\u0000dy":"x"}']) {
      const values = JSON.parse(body) as object
      for (const answer of [
        await attempt(t, 'insert', ({ db }) => db.insert(notes).values(values)),
        await attempt(t, 'update', ({ db }) => db.update(notes).set({ body: 'x', ...values })),
        await attempt(t, 'upsert', ({ db }) => db.insert(notes).values({}).onConflictDoUpdate({ target: notes.id, set: { body: 'x', ...values } })),
        await attempt(t, 'repository.insert', ({ repository }) => repository(notes).insert(values)),
        await attempt(t, 'repository.updateById', ({ repository }) => repository(notes).updateById(ownNote, values)),
        await attempt(t, 'columns', ({ repository }) => repository(notes).findMany({ columns: values }))
      ]) if (body !== '{"__proto__":{"userId":"B"}}' || answer instanceof Error) t.ok(answer instanceof errors.UnknownColumn, `${body}: ${String(answer)}`)
    }
    const inherited = Object.create({ userId: 'B', body: 'inherited' }) as object
    t.match(await attempt(t, 'inherited keys', ({ db }) => db.insert(notes).values(inherited).returning()), [{ userId: 'A', body: '' }])
    for (const values of [null, 'x', [['x']], 1]) t.ok(await attempt(t, 'no object', ({ db }) => db.insert(notes).values(values as never)) instanceof errors.InvalidArgument)
    t.match(await attempt(t, 'objects as values', ({ db }) => db.update(notes).set({ body: { queryChunks: ['x'] } as never }).returning()), {})
  })

  t.test('mass updates and deletes of the repository want a condition', async (t) => {
    t.ok(await attempt(t, 'update', ({ repository }) => repository(notes).update(undefined as never, { body: '' })) instanceof errors.MissingCondition)
    t.ok(await attempt(t, 'delete', ({ repository }) => repository(notes).delete(undefined as never)) instanceof errors.MissingCondition)
    await attempt(t, 'update of everything', ({ repository }) => repository(notes).update(sql`true`, { body: 'x' }))
    await attempt(t, 'update with nothing to set', ({ repository }) => repository(notes).update(sql`true`, {}))
    await attempt(t, 'delete of everything', ({ repository }) => repository(notes).delete(sql`true`))
    t.equal(await attempt(t, 'delete by id', ({ repository }) => repository(notes).deleteById(canaryNote)), undefined)
    t.equal(await attempt(t, 'update by id', ({ repository }) => repository(notes).updateById(canaryNote, { body: 'x' })), undefined)
    t.equal(await attempt(t, 'empty update by id', ({ repository }) => repository(notes).updateById(canaryNote, {})), undefined)
    t.match(await a.repository(memos).updateById(1, { body: 'new' }), { body: 'new' })
    t.match(await a.repository(memos).deleteById(1), { body: 'new' })
    t.match(await a.repository(tasks).update(eq(tasks.id, 1), { title: 'new' }), [{ title: 'new' }])
  })

  t.test('a value of B\'s row does not come back through a conflict or a wrong type', async (t) => {
    const unique = pgTable('projects', { id: integer(), userId: text('user_id'), name: text(), slug: text() })
    t.match(await attempt(t, 'a key in use', ({ db }) => db.insert(unique).values({ id: sql`default`, name: 'x', slug: 'own' })), { cause: { code: '23505' } })
    t.match(await attempt(t, 'the slug of B', ({ db }) => db.insert(projects).values({ name: 'x', slug: canaryMark }).returning({ id: projects.id, name: projects.name })), [{ name: 'x' }])
    await attempt(t, 'a task of today', ({ db }) => db.insert(tasks).values({ title: 'x', ...now }).returning())
  })
}
