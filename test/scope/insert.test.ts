import { sql } from 'drizzle-orm'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { mockScope } from '../fixtures/mock-scope.js'
import { notes, tasks } from '../fixtures/task-schema.js'

const { db } = mockScope()
const start = 'insert into "notes" ("id", "user_id", "body") values (default, $1, $2)'
const insert = () => db.insert(notes).values({ body: 'x' })

t.test('the parts of on conflict become one clause', async (t) => {
  t.equal(insert().toSQL().sql, start)
  t.equal(insert().onConflictDoNothing().toSQL().sql, `${start} on conflict do nothing`)
  t.equal(insert().onConflictDoNothing({ target: [notes.id, notes.userId], where: sql`"a"` }).toSQL().sql, `${start} on conflict ("id", "user_id") where ("a") do nothing`)
  const updated = insert().onConflictDoUpdate({ target: notes.id, targetWhere: sql`"a" or "b"`, set: { body: 'y', id: undefined }, setWhere: sql`"c" or "d"` }).toSQL()
  t.match(updated.sql, `${start} on conflict ("id") where ("a" or "b") do update set "body" = $3 where case when "notes"."user_id" = $4 then ("c" or "d") else `)
  t.match(insert().onConflictDoUpdate({ target: notes.id, set: { body: notes.userId }, where: sql`"e"` }).toSQL().sql, /do update set "body" = "notes"\."user_id" where case when "notes"\."user_id" = \$3 then \("e"\) else /)
})

t.test('an upsert wants a target, something to set, and one name for its condition', async (t) => {
  t.throws(() => insert().onConflictDoUpdate({ set: { body: '' } } as never).toSQL(), errors.InvalidArgument)
  t.throws(() => insert().onConflictDoUpdate({ target: notes.id, set: {} }).toSQL(), errors.InvalidArgument)
  t.throws(() => insert().onConflictDoUpdate({ target: notes.id } as never).toSQL(), errors.InvalidArgument)
  t.throws(() => insert().onConflictDoUpdate({ target: notes.id, set: { body: '' }, where: sql`a`, setWhere: sql`b` }).toSQL(), { message: /"where" is the old name of "setWhere"/ })
  t.throws(() => insert().onConflictDoUpdate({ target: notes.id, set: { body: '' }, where: sql`a`, targetWhere: sql`b` }).toSQL(), errors.InvalidArgument)
  t.throws(() => insert().onConflictDoUpdate({ target: notes.id, set: { text: '' } as never }).toSQL(), errors.UnknownColumn)
  t.throws(() => insert().onConflictDoUpdate({ target: notes.id, set: { body: '' }, targetwhere: sql`a` } as never).toSQL(), { message: /"targetwhere" is no part of onConflictDoUpdate/ })
  t.throws(() => insert().onConflictDoNothing({ targetWhere: sql`a` } as never).toSQL(), { message: /"targetWhere" is no part of onConflictDoNothing/ })
})

t.test('rows, one or many, and queries, built or as a callback', async (t) => {
  t.equal(db.insert(notes).values([{ body: 'x' }, {}]).toSQL().sql, `${start}, (default, $3, default)`)
  t.match(db.insert(notes).overridingSystemValue().values({ body: 'x' }).toSQL().sql, '("id", "user_id", "body") overriding system value values (')
  const expected = /^insert into "notes" \("body", "user_id"\) select "rows"\."c0", cast\(\$1 as text\) from \(select "tasks"\."title" from .* "rows" \("c0"\)$/
  t.match(db.insert(notes).select(db.select({ body: tasks.title }).from(tasks) as never).toSQL().sql, expected)
  t.match(db.insert(notes).select(((qb: typeof db) => qb.select({ body: tasks.title }).from(tasks)) as never).toSQL().sql, expected)
})
