import { and, eq, exists, getTableName, inArray, ne, or, sql } from 'drizzle-orm'
import { alias, pgTable, text, union } from 'drizzle-orm/pg-core'
import t, { type Test } from 'tap'
import { errors } from '../../../lib/errors.js'
import { userScope } from '../../../lib/repository/user-scope.js'
import { shown } from '../../fixtures/canary.js'
import { onEveryDriver, type AnyScope } from '../../fixtures/grounds.js'
import { bookmarks, comments, createTeamTables, drafts, fillTeamTables, issues, one, settings, teamSchema, two } from '../../fixtures/team-schema.js'

const organization = { authored: [comments] }

// What Ada in the first organization must not see: it all says "secret".
const strangersRows = [
  `select * from issues where org_id <> '${one}'`, 'select * from bookmarks where user_id <> \'ada\'',
  `select * from drafts where user_id <> 'ada' or org_id <> '${one}'`, `select * from comments where org_id <> '${one}'`,
  `select * from settings where user_id <> 'ada' or org_id <> '${one}'`
]

onEveryDriver(t, { create: createTeamTables, schema: teamSchema, organization }, async (t, { driver, db, options, admin }) => {
  const scopeOf = (userId: string, organizationId: string | null = null) =>
    userScope(db, { userId, organizationId }, options) as AnyScope
  const [ada, adaInTwo, bob, cy] = [scopeOf('ada', one), scopeOf('ada', two), scopeOf('bob', one), scopeOf('cy')]
  const strangers = async (): Promise<string> => {
    const seen: unknown[] = []
    for (const text of strangersRows) seen.push(await admin(`select row_to_json(x)::text "row" from (${text}) x order by 1`))
    return JSON.stringify(seen)
  }
  let before = ''
  const reset = async (): Promise<void> => { await admin(fillTeamTables); before = await strangers() }
  t.beforeEach(reset)
  await reset()

  /** Nothing of a stranger comes back, and nothing of a stranger changes. */
  const attempt = async (t: Test, name: string, run: (scope: AnyScope) => unknown): Promise<any> => {
    let answer: unknown
    try { answer = await run(ada) } catch (error) { answer = error }
    t.notMatch(shown(answer), 'secret', `${name}: nothing of others comes back`)
    t.equal(await strangers(), before, `${name}: nothing of others changes`)
    return answer
  }

  await t.test('reads reach rows of the organization, of the user, and where both match', async (t) => {
    const everything = [undefined, sql`true`, sql`1 = 1 or org_id <> ${one}`]
    for (const where of everything) {
      t.equal((await attempt(t, 'issues', ({ db }) => db.select().from(issues).where(where))).length, 2)
      t.equal((await attempt(t, 'comments', ({ db }) => db.select().from(comments).where(where))).length, 2, 'of colleagues too')
      t.match(await attempt(t, 'drafts', ({ db }) => db.select().from(drafts).where(where)), [{ body: 'of ada in one' }])
    }
    await attempt(t, 'another organization by id', ({ db }) => db.select().from(issues).where(or(eq(issues.orgId, two), eq(issues.id, 3))))
    const joined = await attempt(t, 'a join', ({ db }) => db.select({ note: bookmarks.note, title: issues.title }).from(bookmarks).leftJoin(issues, eq(issues.id, bookmarks.issueId)).orderBy(bookmarks.id))
    t.same(joined, [{ note: 'of ada', title: 'issue of one' }, { note: 'of ada, elsewhere', title: null }], 'a user\'s bookmarks with the organization\'s issues')
    const other = alias(issues, 'other')
    await attempt(t, 'aliases', ({ db }) => db.select().from(issues).innerJoin(other, ne(other.id, issues.id)))
    await attempt(t, 'a full join', ({ db }) => db.select().from(drafts).fullJoin(comments, eq(drafts.id, comments.id)))
    await attempt(t, 'a sub-query', ({ db }) => db.select().from(db.select().from(drafts).as('x')))
    await attempt(t, 'exists', ({ db }) => db.select().from(issues).where(exists(db.select().from(drafts).where(eq(drafts.userId, 'bob')))))
    await attempt(t, 'a common table expression', ({ db }) => { const all = db.$with('all').as(db.select().from(issues)); return db.with(all).select().from(all).leftJoin(drafts, sql`true`) })
    await attempt(t, 'a union', ({ db }) => union(db.select({ text: issues.title }).from(issues), db.select({ text: drafts.body }).from(drafts)))
    t.equal(await attempt(t, 'a count', ({ db }) => db.$count(issues)), 2)
    t.equal(await attempt(t, 'a count of both', ({ db }) => db.$count(drafts, sql`true`)), 1)
    const nested = await attempt(t, 'a relational query', ({ db }) => db.query.bookmarks.findMany({ with: { issue: { with: { comments: { with: { issue: true } }, bookmarks: true, drafts: true } } } }))
    t.match(nested, [{ note: 'of ada', issue: { title: 'issue of one', comments: [{}, {}], bookmarks: [{ note: 'of ada' }], drafts: [{ body: 'of ada in one' }] } }, { issue: null }])
    if (driver.transactions) await attempt(t, 'a lock', ({ db }) => db.transaction(async (tx: any) => await tx.select().from(issues).for('update')))
    await attempt(t, 'a condition that fails on some rows', ({ db }) => db.select().from(issues).where(sql`1 / (case when ${issues.title} like 'secret%' then 0 else 1 end) = 1`))
  })

  await t.test('the repository answers alike', async (t) => {
    t.equal((await attempt(t, 'findMany', ({ repository }) => repository(issues).findMany())).length, 2)
    t.equal((await attempt(t, 'findMany where', ({ repository }) => repository(drafts).findMany({ where: sql`true` }))).length, 1)
    for (const [table, id] of [[issues, 3], [drafts, 2], [drafts, 3], [comments, 3]] as const) {
      t.equal(await attempt(t, 'findById', ({ repository }) => repository(table).findById(id)), undefined)
      t.ok(await attempt(t, 'getById', ({ repository }) => repository(table).getById(id)) instanceof errors.NotFound)
      t.equal(await attempt(t, 'deleteById', ({ repository }) => repository(table).deleteById(id)), undefined)
      t.equal(await attempt(t, 'count', ({ repository }) => repository(table).count(eq(table.id, id))), 0)
      t.equal(await attempt(t, 'exists', ({ repository }) => repository(table).exists(eq(table.id, id))), false)
    }
    t.equal(await attempt(t, 'updateById', ({ repository }) => repository(issues).updateById(3, { title: 'changed' })), undefined)
    t.equal(await attempt(t, 'updateById of both', ({ repository }) => repository(drafts).updateById(3, { body: 'changed' })), undefined)
    t.match(await ada.repository(comments).findById(2), { userId: 'bob', body: 'by bob in one' })
    t.match(await ada.repository(issues).updateById(1, { title: 'changed' }), { title: 'changed' })
    t.match(await adaInTwo.repository(issues).findMany(), [{ id: 3 }], 'in the other organization, the other rows')
    t.match(await ada.repository(settings).findById({ userId: 'ada', orgId: one }), { theme: 'dark' })
    t.equal(await attempt(t, 'a key of owners alone', ({ repository }) => repository(settings).findById({ userId: 'ada', orgId: two })), undefined)
  })

  await t.test('writes change no row of another organization or user', async (t) => {
    await attempt(t, 'update', ({ db }) => db.update(issues).set({ title: 'changed' }).where(sql`true or ${issues.orgId} = ${two}`))
    await attempt(t, 'update of both', ({ db }) => db.update(drafts).set({ body: 'changed' }))
    await attempt(t, 'update from', ({ db }) => db.update(drafts).set({ body: sql`${issues.title}` }).from(issues).where(eq(issues.id, 1)).returning())
    await attempt(t, 'delete', ({ db }) => db.delete(drafts).where(inArray(drafts.id, [2, 3, 4])).returning())
    await attempt(t, 'delete of all', ({ db }) => db.delete(comments))
    await attempt(t, 'many through the repository', ({ repository }) => repository(issues).update(sql`true`, { title: 'x' }))
    t.same(await admin(`select count(*)::int n from comments where org_id = '${one}'`), [{ n: 0 }])
  })

  await t.test('an insert writes both owners, and refuses any other', async (t) => {
    t.match(await ada.repository(issues).insert({ title: 'new issue' }), { orgId: one })
    t.match(await ada.repository(drafts).insert({ body: 'new' }), { userId: 'ada', orgId: one })
    t.match(await ada.repository(drafts).insert({ body: 'newer', userId: 'ada', orgId: one }), { userId: 'ada', orgId: one })
    t.match(await ada.repository(comments).insert({ body: 'new', issueId: 1 }), { userId: 'ada', orgId: one })
    t.match(await ada.repository(bookmarks).insert({ note: 'new', issueId: 2 }), { userId: 'ada' })
    t.match(await ada.db.insert(drafts).values([{ body: 'a' }, { body: 'b', orgId: one }]).returning(), [{ userId: 'ada', orgId: one }, { userId: 'ada', orgId: one }])
    before = await strangers()
    for (const foreign of [{ orgId: two }, { userId: 'bob' }, { orgId: null }, { orgId: sql`${two}::uuid` }, { orgId: 'ada' }]) {
      for (const table of [drafts, comments]) {
        t.ok(await attempt(t, 'insert', ({ repository }) => repository(table).insert({ body: 'x', ...foreign })) instanceof errors.ForeignOwner, JSON.stringify(foreign))
        t.ok(await attempt(t, 'a builder', ({ db }) => db.insert(table).values([{ body: 'y' }, { body: 'x', ...foreign }])) instanceof errors.ForeignOwner)
        t.ok(await attempt(t, 'update', ({ db }) => db.update(table).set({ body: 'x', ...foreign })) instanceof errors.ForeignOwner)
        t.ok(await attempt(t, 'updateById', ({ repository }) => repository(table).updateById(1, foreign)) instanceof errors.ForeignOwner)
        t.ok(await attempt(t, 'upsert', ({ repository }) => repository(table).upsert({ id: 1, body: 'x' }, { target: table.id, set: foreign })) instanceof errors.ForeignOwner)
      }
    }
    const copied = await attempt(t, 'insert … select', ({ db }) => db.insert(drafts).select(db.select({ userId: sql`'bob'`.as('u'), orgId: sql`${two}::uuid`.as('o'), body: issues.title }).from(issues)).returning())
    t.match(copied, [{ userId: 'ada', orgId: one }, { userId: 'ada', orgId: one }], 'both owners are overwritten')
    t.match(await attempt(t, 'insert … select without owners', ({ db }) => db.insert(comments).select(db.select({ body: issues.title }).from(issues)).returning()), [{ userId: 'ada', orgId: one }, {}])
  })

  await t.test('an upsert that meets a row of others changes nothing', async (t) => {
    for (const [table, id, values] of [[issues, 3, { title: 'x' }], [drafts, 2, { body: 'x' }], [drafts, 3, { body: 'x' }], [comments, 4, { body: 'x' }]] as const) {
      const answer = await attempt(t, 'upsert', ({ repository }) => repository(table).upsert({ id, ...values }, { target: table.id }))
      t.ok(answer instanceof errors.Conflict, String(answer))
      t.ok(await attempt(t, 'a builder', ({ db }) => db.insert(table).values({ id, ...values }).onConflictDoUpdate({ target: table.id, set: values, setWhere: sql`true` })) instanceof errors.Conflict)
    }
    t.match(await ada.repository(issues).upsert({ id: 1, title: 'again' }, { target: issues.id }), { id: 1, title: 'again', orgId: one })
    t.match(await ada.repository(drafts).upsert({ id: 1, body: 'again' }, { target: drafts.id }), { id: 1, body: 'again' })
  })

  await t.test('an author is written on insert, and never changed', async (t) => {
    t.match(await bob.repository(comments).updateById(1, { body: 'edited by bob' }), { body: 'edited by bob', userId: 'ada' })
    t.match(await bob.repository(comments).upsert({ id: 1, body: 'upserted by bob' }, { target: comments.id }), { body: 'upserted by bob', userId: 'ada' })
    t.match(await bob.repository(comments).upsert({ id: 1, userId: 'bob', body: 'again' }, { target: comments.id }), { body: 'again', userId: 'ada' })
    const set = { userId: 'bob' }
    for (const [name, run] of Object.entries<() => unknown>({
      updateById: () => bob.repository(comments).updateById(1, set),
      'updateById of one\'s own': () => bob.repository(comments).updateById(2, set),
      update: () => bob.repository(comments).update(sql`true`, set),
      'a builder': () => bob.db.update(comments).set(set),
      SQL: () => bob.db.update(comments).set({ userId: sql`'bob'` }),
      'a column': () => bob.db.update(comments).set({ userId: comments.body }),
      upsert: () => bob.repository(comments).upsert({ id: 1, body: 'x' }, { target: comments.id, set }),
      'a builder\'s upsert': () => bob.db.insert(comments).values({ id: 1, body: 'x' }).onConflictDoUpdate({ target: comments.id, set })
    })) await t.rejects(async () => await run(), errors.ForeignOwner, name)
    t.match(await admin('select user_id from comments where id = 1'), [{ user_id: 'ada' }])
    t.match(await bob.repository(comments).deleteById(1), { userId: 'ada' }, 'a colleague may delete it: it is the organization\'s')
  })

  await t.test('references are checked with the owner of the parent', async (t) => {
    for (const [name, run] of Object.entries<(scope: AnyScope) => unknown>({
      'a bookmark of another organization\'s issue': ({ repository }) => repository(bookmarks).insert({ note: 'x', issueId: 3 }),
      'a comment on one': ({ repository }) => repository(comments).insert({ body: 'x', issueId: 3 }),
      'a bookmark that moves there': ({ repository }) => repository(bookmarks).updateById(1, { issueId: 3 }),
      'a comment that moves there': ({ db }) => db.update(comments).set({ issueId: 3 })
    })) t.ok(await attempt(t, name, run) instanceof errors.ForeignReference, name)
    t.match(await ada.repository(bookmarks).updateById(1, { issueId: 2 }), { issueId: 2 })
  })

  await t.test('without an active organization its tables are 403, and the user\'s own work goes on', async (t) => {
    const none = scopeOf('ada')
    for (const table of [issues, drafts, comments]) {
      const values = table === issues ? { title: 'x' } : { body: 'x' }
      for (const [name, run] of Object.entries<() => unknown>({
        select: () => none.db.select().from(table),
        join: () => none.db.select().from(bookmarks).leftJoin(table, sql`true`),
        alias: () => none.db.select().from(alias(table, 'x')),
        count: () => none.db.$count(table),
        insert: () => none.db.insert(table).values(values),
        update: () => none.db.update(table).set({ id: 1 }),
        delete: () => none.db.delete(table),
        findMany: () => none.repository(table).findMany(),
        'findMany where': () => none.repository(table).findMany({ where: sql`true` }),
        findById: () => none.repository(table).findById(1),
        paginate: () => none.repository(table).paginate(),
        'repository count': () => none.repository(table).count(),
        'repository insert': () => none.repository(table).insert(values),
        'repository insert with an owner': () => none.repository(table).insert({ ...values, orgId: one }),
        'repository insert of several': () => none.repository(table).insert([values]),
        upsert: () => none.repository(table).upsert(values, { target: table.id }),
        updateById: () => none.repository(table).updateById(1, values),
        'updateById of nothing': () => none.repository(table).updateById(1, {}),
        deleteById: () => none.repository(table).deleteById(1),
        'repository delete': () => none.repository(table).delete(sql`true`)
      })) await t.rejects(async () => await run(), { code: 'FAI_ORGANIZATION_REQUIRED', statusCode: 403, detail: 'Forbidden' }, `${name} of ${getTableName(table)}`)
    }
    await t.rejects(async () => await none.db.query.bookmarks.findMany({ with: { issue: true } }), errors.OrganizationRequired, 'a relation')
    await t.rejects(none.repository(bookmarks).insert({ note: 'x', issueId: 1 }), errors.OrganizationRequired, 'a reference to its rows')
    await t.rejects(none.repository(bookmarks).updateById(1, { issueId: 2 }), errors.OrganizationRequired)
    t.equal(await strangers(), before)
    t.equal((await none.repository(bookmarks).findMany()).length, 2)
    t.match(await cy.repository(bookmarks).insert({ note: 'mine' }), { userId: 'cy', issueId: null })
    t.match(await cy.repository(bookmarks).insert({ note: 'mine', issueId: null }), { userId: 'cy', issueId: null })
    t.match(await cy.repository(bookmarks).updateById(4, { note: 'changed', issueId: null }), { note: 'changed' })
    t.match(await cy.db.update(bookmarks).set({ note: 'again' }).where(eq(bookmarks.id, 4)).returning(), [{ note: 'again' }])
  })

  await t.test('a cursor of one organization is refused in the other', async (t) => {
    const page = await ada.repository(issues).paginate({ limit: 1 })
    t.equal((await ada.repository(issues).paginate({ limit: 1, cursor: page.nextCursor })).items[0].id, 2)
    t.equal((await bob.repository(issues).paginate({ limit: 1, cursor: page.nextCursor })).items[0].id, 2, 'a colleague may go on from it')
    await t.rejects(adaInTwo.repository(issues).paginate({ limit: 1, cursor: page.nextCursor }), errors.InvalidCursor)
    await ada.repository(drafts).insert({ body: 'second' })
    const own = await ada.repository(drafts).paginate({ limit: 1 })
    await t.rejects(bob.repository(drafts).paginate({ limit: 1, cursor: own.nextCursor }), errors.InvalidCursor)
    await t.rejects(adaInTwo.repository(drafts).paginate({ limit: 1, cursor: own.nextCursor }), errors.InvalidCursor)
  })

  if (driver.transactions) {
    await t.test('transactions know both owners', async (t) => {
      const made = await ada.db.transaction(async (tx: any) => {
        const draft = await tx.repository(drafts).insert({ body: 'in a transaction' })
        await tx.transaction(async (inner: any) => { await inner.update(issues).set({ title: 'x' }) })
        return [draft, await tx.$count(issues), await tx.select().from(drafts).where(sql`true`)]
      })
      t.match(made, [{ userId: 'ada', orgId: one }, 2, [{ userId: 'ada', orgId: one }, { userId: 'ada', orgId: one }]])
      t.equal(await strangers(), before)
      await t.rejects(scopeOf('ada').db.transaction(async (tx: any) => await tx.select().from(issues)), errors.OrganizationRequired)
    })
  }

  if (options.rowLevelSecurity !== false) {
    await t.test('raw SQL sees what the policies show', async (t) => {
      const rows = async (scope: AnyScope, text: string): Promise<any[]> => { const answer = await scope.db.execute(sql.raw(text)); return answer.rows ?? answer }
      t.equal((await rows(ada, 'select * from issues')).length, 2)
      t.equal((await rows(ada, 'select * from drafts')).length, 1)
      t.equal((await rows(ada, 'select * from comments')).length, 2)
      t.same(await rows(scopeOf('ada'), 'select * from issues'), [], 'none without an organization')
      t.same(await rows(scopeOf(one), 'select * from issues'), [], 'nor to a user whose id is an organization\'s')
      t.equal((await rows(scopeOf('ada'), 'select * from bookmarks')).length, 2)
      await t.rejects(rows(ada, `insert into drafts (user_id, org_id, body) values ('ada', '${two}', 'x')`), { cause: { code: '42501' } })
      await t.rejects(rows(ada, `insert into drafts (user_id, org_id, body) values ('bob', '${one}', 'x')`), { cause: { code: '42501' } })
    })
  }

  await t.test('statements of several callers at once keep to their owners', async (t) => {
    const callers = [ada, adaInTwo, bob, scopeOf('dan', two)]
    const alone: string[] = []
    for (const { repository, db } of callers) alone.push(JSON.stringify([await repository(drafts).findMany({ orderBy: drafts.id }), await db.select().from(issues).orderBy(issues.id)]))
    await Promise.all(Array.from({ length: 10 }, async () => await Promise.all(callers.map(async ({ repository, db }, index) => {
      const seen = await Promise.all([repository(drafts).findMany({ orderBy: drafts.id }), db.select().from(issues).orderBy(issues.id)])
      if (JSON.stringify(seen) !== alone[index]) t.fail(`caller ${index} saw ${JSON.stringify(seen)}`)
    }))))
    t.equal(new Set(alone).size, 4)
  })
})

t.test('an object of a table that leaves out one of two owners is refused where the schema has both', async (t) => {
  onEveryDriver(t, { create: createTeamTables, schema: teamSchema, organization, where: ({ name }) => name === 'postgres-js', settings: ['the scope alone'] }, async (t, { db, options }) => {
    const { db: scoped, repository } = userScope(db, { userId: 'ada', organizationId: one }, options) as AnyScope
    for (const half of [pgTable('drafts', { userId: text('user_id') }), pgTable('drafts', { orgId: text('org_id') }), pgTable('comments', { orgId: text('org_id') })]) {
      await t.rejects(async () => await scoped.select().from(half), errors.UnownedTable)
      await t.rejects(async () => await scoped.delete(half).where(and(sql`true`)), errors.UnownedTable)
      t.throws(() => repository(half), { code: 'FAI_UNOWNED_TABLE', message: /^This object of "public"\."(?:drafts|comments)" leaves out the column of its (?:user|organization)/ })
    }
  })
  t.end()
})
