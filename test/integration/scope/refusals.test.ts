import { eq, sql } from 'drizzle-orm'
import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { mayRefuse, readRefusal } from '../../../lib/scope/refusals.js'
import { startScopes } from '../../fixtures/scoped-database.js'
import { notes } from '../../fixtures/task-schema.js'

const taken = '11111111-1111-4111-8111-111111111111'
const free = '22222222-2222-4222-8222-222222222222'

t.test('an upsert that meets another user\'s row is 409 and changes nothing', async (t) => {
  const { a, b, db } = await startScopes(t)
  await b.repository(notes).insert({ id: taken, body: 'secret' })
  const set = { body: 'changed' }
  const attempts: Record<string, () => PromiseLike<unknown>> = {
    'through the repository': () => a.repository(notes).upsert({ id: taken, body: 'changed' }, { target: notes.id }),
    'through a builder': () => a.db.insert(notes).values({ id: taken }).onConflictDoUpdate({ target: notes.id, set }),
    'with a condition of its own': () => a.db.insert(notes).values({ id: taken }).onConflictDoUpdate({ target: notes.id, set, setWhere: sql`true` }),
    'whose condition would fail on the row': () => a.db.insert(notes).values({ id: taken }).onConflictDoUpdate({ target: notes.id, set, setWhere: sql`${notes.body}::integer = 1` }),
    'of several rows': () => a.db.insert(notes).values([{ id: free, body: 'new' }, { id: taken }]).onConflictDoUpdate({ target: notes.id, set }).returning()
  }
  for (const [name, attempt] of Object.entries(attempts)) {
    await t.rejects(async () => await attempt(), errors.Conflict, name)
    t.strictSame(await db.select().from(notes), [{ id: taken, userId: 'B', body: 'secret' }], `${name}, and nothing is written`)
  }

  await t.rejects(async () => await a.db.transaction(async (tx) => {
    await tx.insert(notes).values({ id: free })
    await tx.repository(notes).upsert({ id: taken, body: 'changed' }, { target: notes.id })
  }), errors.Conflict)
  t.equal(await a.repository(notes).count(), 0, 'nor what came before it in its transaction')
})

t.test('an upsert of one\'s own row updates it', async (t) => {
  const { a } = await startScopes(t)
  await a.repository(notes).insert({ id: free, body: 'one' })
  t.strictSame(await a.repository(notes).upsert({ id: free, body: 'two' }, { target: notes.id }), { id: free, userId: 'A', body: 'two' })
  t.strictSame(await a.db.insert(notes).values({ id: free }).onConflictDoUpdate({ target: notes.id, set: { body: 'three' }, setWhere: eq(notes.body, 'other') }).returning(), [])
  t.equal((await a.repository(notes).getById(free)).body, 'two')
})

t.test('only a statement that may refuse is read as a refusal', async (t) => {
  const upsert = "… concat('FAI_CONFLICT') …"
  t.ok(mayRefuse(upsert))
  t.ok(mayRefuse("… 'FAI_CONFLICT' || …"))
  t.notOk(mayRefuse('select "FAI_CONFLICT"'))
  const policy = { cause: { code: '42501', message: 'new row violates row-level security policy' } }
  t.match(readRefusal(policy, upsert), errors.Conflict, 'policies stop an upsert before its own condition is read')
  t.equal(readRefusal(policy, 'insert into notes'), policy, 'a missing grant is none')
  const bare = { code: '22P02', message: 'invalid input syntax for type integer: "FAI_FOREIGN_REFERENCE"' }
  t.match(readRefusal(bare, "concat('FAI_FOREIGN_REFERENCE')"), errors.ForeignReference, 'without Drizzle around it too')
  t.equal(readRefusal(bare, upsert), bare, 'a code that is not the statement\'s own is a value of somebody\'s')
  for (const other of [{ code: '22P02', message: '"x"' }, { code: '22P02' }, { ...bare, code: '23505' }]) t.equal(readRefusal(other, upsert), other)
})
