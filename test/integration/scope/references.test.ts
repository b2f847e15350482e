import { eq, sql } from 'drizzle-orm'
import { foreignKey, integer, pgTable, primaryKey, text, varchar } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../../lib/errors.js'
import { userScope } from '../../../lib/repository/user-scope.js'
import { startScopes } from '../../fixtures/scoped-database.js'
import { projects, tasks } from '../../fixtures/task-schema.js'

const lists = pgTable('lists', {
  userId: text('user_id').notNull(), country: text().notNull(), code: varchar({ length: 10 }).notNull()
}, (table) => [primaryKey({ columns: [table.country, table.code] })])
const items = pgTable('items', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  userId: text('user_id').notNull(),
  country: text(),
  code: varchar({ length: 10 })
}, (table) => [foreignKey({ columns: [table.country, table.code], foreignColumns: [lists.country, lists.code] })])
const folders = pgTable('folders', {
  userId: text('user_id').notNull(), id: integer().notNull()
}, (table) => [primaryKey({ columns: [table.userId, table.id] })])
const files = pgTable('files', {
  userId: text('user_id').notNull(), id: integer().notNull(), folderId: integer('folder_id')
}, (table) => [foreignKey({ columns: [table.userId, table.folderId], foreignColumns: [folders.userId, folders.id] })])

const owners = () => ({ userId: text('user_id').notNull(), orgId: text('org_id').notNull() })
const boards = pgTable('boards', { ...owners(), id: integer().notNull() }, (table) => [primaryKey({ columns: [table.userId, table.orgId, table.id] })])
const cards = pgTable('cards', { ...owners(), boardId: integer('board_id') }, (table) => [foreignKey({ columns: [table.userId, table.boardId], foreignColumns: [boards.userId, boards.id] })])
const stickers = pgTable('stickers', { ...owners(), boardId: integer('board_id') }, (table) => [
  foreignKey({ columns: [table.userId, table.orgId, table.boardId], foreignColumns: [boards.userId, boards.orgId, boards.id] })
])
const remarks = pgTable('remarks', { id: integer().primaryKey().generatedAlwaysAsIdentity(), ...owners(), folderId: integer('folder_id') }, (table) => [
  foreignKey({ columns: [table.userId, table.folderId], foreignColumns: [folders.userId, folders.id] })
])

t.test('references between owned tables', async (t) => {
  const { a, b, client, db, statements } = await startScopes(t)
  await client.unsafe(`
    create table lists (user_id text not null, country text, code varchar(10), primary key (country, code));
    create table items (id integer primary key generated always as identity, user_id text not null, country text, code varchar(10), foreign key (country, code) references lists);
    create table folders (user_id text, id integer, primary key (user_id, id));
    create table boards (user_id text, org_id text, id integer, primary key (user_id, org_id, id), unique (user_id, id));
    create table cards (user_id text, org_id text, board_id integer, foreign key (user_id, board_id) references boards (user_id, id));
    create table stickers (user_id text, org_id text, board_id integer, foreign key (user_id, org_id, board_id) references boards);
    create table remarks (id integer primary key generated always as identity, user_id text, org_id text, folder_id integer, foreign key (user_id, folder_id) references folders (user_id, id));
    create table files (user_id text, id integer, folder_id integer, foreign key (user_id, folder_id) references folders (user_id, id));
  `)
  const own = await a.repository(projects).insert({ name: 'mine' })
  const theirs = await b.repository(projects).insert({ name: 'theirs' })
  const task = await a.repository(tasks).insert({ title: 'task', projectId: own.id })
  const dates = { createdAt: tasks.createdAt, updatedAt: tasks.updatedAt }

  const refused: Record<string, () => PromiseLike<unknown>> = {
    'insert of one row': () => a.repository(tasks).insert({ title: 'x', projectId: theirs.id }),
    'insert of a row that points nowhere': () => a.repository(tasks).insert({ title: 'x', projectId: 999 }),
    'insert of several rows, one of them wrong': () => a.repository(tasks).insert([{ title: 'x', projectId: own.id }, { title: 'x', projectId: theirs.id }]),
    'insert through a builder': () => a.db.insert(tasks).values({ title: 'x', projectId: theirs.id }),
    'insert of SQL': () => a.db.insert(tasks).values({ title: 'x', projectId: sql`${theirs.id}::integer` }),
    'insert through select': () => a.db.insert(tasks).select(a.db.select({ projectId: sql`${theirs.id}::integer`.as('p'), title: tasks.title, ...dates }).from(tasks)),
    'insert in a common table expression': () => {
      const written = a.db.$with('written').as(a.db.insert(tasks).values({ title: 'x', projectId: theirs.id }).returning({ id: tasks.id }))
      return a.db.with(written).select().from(written)
    },
    'update by id': () => a.repository(tasks).updateById(task.id, { projectId: theirs.id }),
    'update of SQL by id': () => a.repository(tasks).updateById(task.id, { projectId: sql`${theirs.id}::integer` }),
    'update through a builder': () => a.db.update(tasks).set({ projectId: theirs.id }).where(eq(tasks.id, task.id)),
    'update in a transaction': () => a.db.transaction(async (tx) => await tx.repository(tasks).updateById(task.id, { projectId: theirs.id })),
    'prepared insert': () => a.db.insert(tasks).values({ title: 'x', projectId: sql.placeholder('p') }).prepare('reference').execute({ p: theirs.id })
  }
  for (const [name, attempt] of Object.entries(refused)) {
    await t.rejects(async () => await attempt(), errors.ForeignReference, `${name} is 403`)
    t.equal(await a.repository(tasks).count(), 1, `${name} writes nothing`)
    t.strictSame(await a.repository(tasks).findById(task.id), task, `${name} changes nothing`)
  }

  t.test('one\'s own parent, and none, are written', async (t) => {
    const two = await a.repository(projects).insert({ name: 'two' })
    t.equal((await a.repository(tasks).updateById(task.id, { projectId: two.id }))!.projectId, two.id)
    t.equal((await a.repository(tasks).updateById(task.id, { projectId: null }))!.projectId, null)
    t.equal((await a.repository(tasks).insert({ title: 'y', projectId: two.id, categoryId: 1 })).projectId, two.id)
    t.equal((await a.db.insert(tasks).values({ title: 'z', projectId: sql`null` }).returning())[0]!.projectId, null)
    t.equal((await a.db.insert(tasks).values({ title: 'z', projectId: sql`default` }).returning())[0]!.projectId, null)
  })

  t.test('a reference of several columns is checked as one', async (t) => {
    const [one, other] = [userScope(db, 'A'), userScope(db, 'B')]
    await one.repository(lists).insert({ country: 'de', code: 'x' })
    await other.repository(lists).insert({ country: 'de', code: 'y' })
    const item = await one.repository(items).insert({ country: 'de', code: 'x' })
    await t.rejects(one.repository(items).insert({ country: 'de', code: 'y' }), errors.ForeignReference)
    await t.rejects(one.repository(items).updateById(item.id, { code: 'y' }), errors.ForeignReference)
    // A cast to the column's length would cut this off to the code of an own list.
    await t.rejects(one.repository(items).insert({ country: 'de', code: 'x         and more' }), { cause: { code: '22001' } })
    t.equal((await one.repository(items).insert({ country: 'de', code: null })).code, null)
    t.equal((await one.repository(items).updateById(item.id, { country: null }))!.country, null)
  })

  t.test('a constraint has to carry every owner of the parent, and an author is none', async (t) => {
    const organization = { authored: [remarks] }
    const of = (organizationId: string) => userScope(db, { userId: 'A', organizationId }, { organization })
    const [one, other] = [of('one'), of('other')]
    await one.repository(boards as never).insert({ id: 1 } as never)
    await other.repository(boards as never).insert({ id: 2 } as never)
    const cardTo = async (scope: typeof one, boardId: number) => await scope.repository(cards as never).insert({ boardId } as never)
    await t.resolves(cardTo(one, 1))
    await t.rejects(cardTo(one, 2), errors.ForeignReference, 'the user is in the constraint, the organization is not')
    await a.repository(folders).insert({ id: 7 })
    await b.repository(folders).insert({ id: 7 })
    const [remark] = await one.db.insert(remarks as never).values({ folderId: 7 } as never).returning() as Array<{ id: number }>
    const colleague = userScope(db, { userId: 'B', organizationId: 'one' }, { organization }).repository(remarks as never)
    await t.rejects(colleague.updateById(remark!.id, { folderId: 7 } as never), errors.ForeignReference, 'it would point at the author\'s folder, not at the caller\'s')
    statements.length = 0
    await one.db.insert(stickers as never).values({ boardId: 1 } as never)
    t.notMatch(statements[0]!.text, /"parent"/, 'with every owner it is left to PostgreSQL')
    await t.rejects(other.db.insert(stickers as never).values({ boardId: 1 } as never), { cause: { code: '23503' } })
  })

  t.test('a constraint that carries the owner is left to PostgreSQL', async (t) => {
    const [one, other] = [userScope(db, 'A'), userScope(db, 'B')]
    await other.repository(folders).insert({ id: 1 })
    statements.length = 0
    await t.rejects(one.repository(files).insert({ id: 1, folderId: 1 }), { cause: { code: '23503' } })
    t.notMatch(statements[0]!.text, /"parent"/)
  })
})
