import { asc, desc, eq, gt, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { canary, canaryNote, ownNote } from '../../fixtures/canary.js'
import { entries, notes, tasks } from '../../fixtures/task-schema.js'

const { a, reset } = await canary(t)
t.beforeEach(reset)
const repo = a.repository(tasks)
const ids = (rows: Array<{ id: number }>) => rows.map(({ id }) => id)

t.test('findMany takes a condition, an order, a range and columns', async (t) => {
  t.same(ids(await repo.findMany()).sort(), [1, 2, 3])
  t.same(ids(await repo.findMany({ orderBy: desc(tasks.id), limit: 2 })), [3, 2])
  t.same(ids(await repo.findMany({ orderBy: [asc(tasks.done), desc(tasks.id)], offset: 1 })), [1, 3])
  t.same(ids(await repo.findMany({ where: gt(tasks.id, 1), orderBy: tasks.id, limit: 1, offset: 1 })), [3])
  t.same(ids(await repo.findMany({ orderBy: sql`id desc`, limit: 1 })), [3])
  t.same(await repo.findMany({ columns: { id: true }, orderBy: tasks.id, limit: 0 }), [])
  t.same(await repo.findMany({ where: eq(tasks.id, 1), columns: { title: true } }), [{ title: 'own task 1' }])
  t.same(Object.keys((await a.repository(notes).findMany({ columns: { body: false } }))[0]!), ['id', 'userId'])
  t.equal((await repo.findFirst({ orderBy: desc(tasks.id) }))?.id, 3)
  t.equal(await repo.findFirst({ where: sql`false` }), undefined)
})

t.test('a range is of whole numbers', async (t) => {
  for (const limit of [-1, 1.5, NaN, '5', Infinity, null]) await t.rejects(repo.findMany({ limit: limit as number }), { code: 'FAI_INVALID_ARGUMENT', statusCode: 400, message: `"limit" is a whole number from 0, got ${limit === '5' ? 'the text "5"' : String(limit)}` })
  await t.rejects(repo.findMany({ offset: -1 }), errors.InvalidArgument)
  for (const limit of [0, 1001]) await t.rejects(repo.paginate({ limit }), { message: `"limit" is a whole number from 1 to 1000, got ${limit}` })
})

t.test('the options of a read are objects, and not what a query string may hold instead', async (t) => {
  for (const wrong of ['x'.repeat(1e6), 5, null] as never[]) {
    for (const read of [() => repo.findMany(wrong), () => repo.findFirst(wrong), () => repo.paginate(wrong), () => repo.findMany({ columns: wrong })]) {
      await t.rejects(async () => await read(), { code: 'FAI_INVALID_ARGUMENT', message: /(?:are|is) an object/ })
    }
  }
})

t.test('by id: the row, or nothing, or 404', async (t) => {
  t.equal((await repo.findById(2))?.title, 'own task 2')
  t.equal((await repo.getById(2)).title, 'own task 2')
  t.equal(await repo.findById(4), undefined)
  await t.rejects(repo.getById(4), errors.NotFound)
  t.equal((await a.repository(entries).findById({ day: '2024-01-01', slot: 1 }))?.text, 'own entry')
})

t.test('pages follow each other, and stay as they are when rows come in', async (t) => {
  const first = await repo.paginate({ limit: 2, orderBy: desc(tasks.createdAt) })
  t.same(ids(first.items), [3, 2])
  t.notOk('place 0' in first.items[0]!)
  await repo.insert({ title: 'new', createdAt: new Date('2030-01-01') })
  const second = await repo.paginate({ limit: 2, orderBy: desc(tasks.createdAt), cursor: first.nextCursor, where: sql`false or true` })
  t.same(ids(second.items), [1])
  t.equal(second.nextCursor, null)
  t.equal((await repo.paginate()).items.length, 4)
  t.equal((await repo.paginate({ cursor: null, limit: 4 })).nextCursor, null)
  t.same(ids((await repo.paginate({ limit: 2, cursor: first.nextCursor, orderBy: desc(tasks.createdAt), where: eq(tasks.id, 3) })).items), [])
  await t.rejects(repo.paginate({ cursor: 'x' }), errors.InvalidCursor)
  const [mark] = JSON.parse(Buffer.from((await repo.paginate({ limit: 1 })).nextCursor!, 'base64url').toString())
  await t.rejects(repo.paginate({ cursor: Buffer.from(JSON.stringify([mark, 'no number'])).toString('base64url') }), errors.InvalidCursor)
})

t.test('count and exists', async (t) => {
  t.same([await repo.count(), await repo.count(eq(tasks.done, true)), await repo.exists(), await repo.exists(eq(tasks.id, 4))], [3, 1, true, false])
})

t.test('insert answers the row, and rows for rows', async (t) => {
  t.match(await repo.insert({ title: 'x' }), { title: 'x', userId: 'A', done: false })
  t.match(await repo.insert({ title: sql`upper(${'x'})` }), { title: 'X' })
  t.match(await repo.insert([{ title: 'y' }, { title: 'z' }]), [{ title: 'y' }, { title: 'z' }])
  t.same(await repo.insert([]), [])
})

t.test('upsert inserts, updates the user\'s row, and leaves another\'s', async (t) => {
  const own = a.repository(notes)
  t.match(await own.upsert({ id: ownNote, body: 'x' }, { target: notes.id }), { body: 'x' })
  t.match(await own.upsert({ id: ownNote, body: 'x' }, { target: [notes.id], set: { body: 'y' } }), { body: 'y' })
  t.match(await own.upsert({ body: 'new' }, { target: notes.id }), { body: 'new' })
  await t.rejects(own.upsert({ id: canaryNote, body: 'x' }, { target: notes.id }), errors.Conflict)
})

t.test('updateById and update answer what they changed', async (t) => {
  const [before] = await repo.findMany({ where: eq(tasks.id, 1) })
  const after = await repo.updateById(1, { title: 'x' })
  t.match(after, { id: 1, title: 'x' })
  t.ok(after!.updatedAt > before!.updatedAt)
  t.match(await repo.updateById(1, { title: sql`title || '!'` }), { title: 'x!' })
  t.match(await repo.updateById(1, {}), { title: 'x!' })
  t.equal(await repo.updateById(4, { title: 'x' }), undefined)
  t.same(ids(await repo.update(gt(tasks.id, 1), { done: true })).sort(), [2, 3])
  t.same(ids(await repo.update(eq(tasks.id, 1), { done: undefined })), [1])
  await t.rejects(repo.update(undefined as never, { done: true }), errors.MissingCondition)
})

t.test('deleteById and delete answer what is gone', async (t) => {
  t.match(await repo.deleteById(1), { id: 1 })
  t.equal(await repo.deleteById(1), undefined)
  t.same(ids(await repo.delete(sql`true`)).sort(), [2, 3])
  await t.rejects(repo.delete(undefined as never), errors.MissingCondition)
})

t.test('a repository is made of the table itself', async (t) => {
  t.throws(() => a.repository(alias(notes, 'n') as never), errors.Unsupported)
  t.ok(a.repository(notes))
})
