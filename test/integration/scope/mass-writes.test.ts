import { and, eq, sql } from 'drizzle-orm'
import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { startScopes } from '../../fixtures/scoped-database.js'
import { notes, tasks } from '../../fixtures/task-schema.js'

t.test('updates and deletes of a scoped database', async (t) => {
  const { a, b } = await startScopes(t)
  await a.repository(notes).insert([{ body: 'one' }, { body: 'two' }])
  await b.repository(notes).insert({ body: 'secret' })

  t.test('a condition that got lost is refused, and nothing changes', async (t) => {
    const lost = and(...[])
    await t.rejects(async () => await a.db.delete(notes).where(lost), errors.MissingCondition)
    await t.rejects(async () => await a.db.update(notes).set({ body: 'x' }).where(lost), errors.MissingCondition)
    await t.rejects(a.repository(notes).delete(lost as never), errors.MissingCondition)
    await t.rejects(a.repository(notes).update(lost as never, { body: 'x' }), errors.MissingCondition)
    t.equal(await a.repository(notes).count(), 2)
  })

  t.test('without where() they mean every row of the user', async (t) => {
    t.equal((await a.db.update(notes).set({ body: 'changed' }).returning()).length, 2)
    t.equal((await a.db.delete(notes).returning()).length, 2)
    t.strictSame((await b.repository(notes).findMany()).map(({ body }) => body), ['secret'])
  })

  t.test('a set of nothing, or of no column, is told so', async (t) => {
    await t.rejects(async () => await a.db.update(notes).set({}), errors.InvalidArgument)
    await t.rejects(async () => await a.db.update(notes).set({ body: undefined }), errors.InvalidArgument)
    await t.rejects(async () => await a.db.update(notes).set(null as never), errors.InvalidArgument)
    await t.rejects(async () => await a.db.update(notes).set({ user_id: 'B' } as never), { code: 'FAI_UNKNOWN_COLUMN', message: /"userId"/ })
    await t.rejects(async () => await a.db.update(notes).set(JSON.parse('{ "__proto__": { "userId": "B" } }')), errors.UnknownColumn)
  })

  t.test('values, SQL and columns are written as they are', async (t) => {
    const { id } = await a.repository(tasks).insert({ title: 'ab' })
    t.equal((await a.db.update(tasks).set({ title: sql`upper(${tasks.title})` }).where(eq(tasks.id, id)).returning())[0]!.title, 'AB')
    t.equal((await a.db.update(tasks).set({ projectId: tasks.categoryId }).returning())[0]!.projectId, null)
  })
})
