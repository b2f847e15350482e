import { and, asc, eq, exists, gt, ilike, like, sql, type SQL } from 'drizzle-orm'
import t from 'tap'
import { startTaskPlace } from '../fixtures/canary.js'
import { startScopes } from '../fixtures/scoped-database.js'
import { layers, ofOrganizations, theScopeAlone } from '../fixtures/settings.js'
import { notes, projects, tasks } from '../fixtures/task-schema.js'
import { orderOf, whereOf } from '../fixtures/relational.js'

for (const setting of [...layers, ofOrganizations(theScopeAlone)]) {
  // PostgreSQL may try the caller's condition on another user's row before it compares the owner. A condition that fails on a row with a certain content, and passes
  // on one without, would then read that content letter by letter. Statistics matter: on tables that were analysed the planner scans.
  t.test(`${setting.name}: no condition that fails on some contents tells what is in another user's row`, async (t) => {
    const { a, b, admin } = await startScopes(t, await startTaskPlace(t, setting))
    await a.repository(notes).insert([{ body: 'mine' }, { body: '1' }])
    await b.repository(notes).insert({ body: 'secret' })
    await b.repository(tasks).insert({ title: 'secret' })
    await b.repository(projects).insert({ name: 'secret' })
    await a.repository(tasks).insert({ title: '1' })
    await a.repository(projects).insert({ name: '1' })
    await admin.unsafe('vacuum analyze')

    // Each fails on rows whose text begins like the guess, and on no others.
    const conditions: Record<string, (column: typeof notes.body | typeof tasks.title | typeof projects.name, guess: string) => SQL> = {
      'a division': (column, guess) => sql`1 / (case when ${column} ^@ ${guess} then 0 else 1 end) = 1`,
      'a cast': (column, guess) => sql`(case when ${column} ^@ ${guess} then ${column} else '1' end)::integer = 1`,
      'a pattern of its own making': (column, guess) => sql`${column} like ${guess} || '\\ '::char(1)`,
      'a regular expression': (column, guess) => sql`'x' ~ (case when ${column} ^@ ${guess} then '(' else 'x' end)`
    }
    type Condition = (column: Parameters<typeof conditions['a cast']>[0]) => SQL
    const accessPaths: Record<string, (condition: Condition) => PromiseLike<unknown>> = {
      findMany: (condition) => a.repository(notes).findMany({ where: condition(notes.body) }),
      paginate: (condition) => a.repository(notes).paginate({ where: condition(notes.body) }),
      count: (condition) => a.repository(notes).count(condition(notes.body)),
      exists: (condition) => a.repository(notes).exists(condition(notes.body)),
      update: (condition) => a.repository(notes).update(condition(notes.body), { body: '1' }),
      delete: (condition) => a.repository(notes).delete(and(condition(notes.body), eq(notes.body, 'no such'))!),
      select: (condition) => a.db.select().from(notes).where(and(eq(notes.userId, 'A'), condition(notes.body))),
      'sub-query': (condition) => {
        const sub = a.db.select({ id: notes.id, told: condition(notes.body).as('told') }).from(notes).as('sub')
        return a.db.select().from(sub).where(eq(sub.told, true))
      },
      'common table expression': (condition) => {
        const told = a.db.$with('told').as(a.db.select({ id: notes.id, told: condition(notes.body).as('told') }).from(notes))
        return a.db.with(told).select().from(told).where(eq(told.told, true))
      },
      'exists in a condition': (condition) => a.db.select().from(notes).where(exists(a.db.select({ one: sql`1` }).from(tasks).where(condition(tasks.title)))),
      join: (condition) => a.db.select().from(notes).innerJoin(tasks, and(eq(notes.userId, tasks.userId), condition(tasks.title))),
      'left join': (condition) => a.db.select().from(notes).leftJoin(tasks, condition(tasks.title)),
      having: (condition) => a.db.select({ body: notes.body }).from(notes).groupBy(notes.body).having(condition(notes.body)),
      'relational query': (condition) => a.db.query.projects.findMany({ where: whereOf(({ name }: any) => condition(name)), with: { tasks: true } }),
      relation: (condition) => a.db.query.projects.findMany({ with: { tasks: { where: whereOf(({ title }: any) => condition(title)) } } }),
      'update from': (condition) => a.db.update(notes).set({ body: notes.body }).from(tasks).where(condition(tasks.title)),
      lock: (condition) => a.db.select().from(notes).where(condition(notes.body)).for('update'),
      union: (condition) => a.db.select({ id: notes.id }).from(notes).where(condition(notes.body)).union(a.db.select({ id: notes.id }).from(notes)),
      'count of a condition': (condition) => a.db.$count(notes, condition(notes.body))
    }
    for (const [kind, make] of Object.entries(conditions)) {
      for (const [accessPath, use] of Object.entries(accessPaths)) {
        const answers = await Promise.all(['sec', 'zzz'].map(async (guess) => {
          try {
            await use((column) => make(column, guess))
            return 'fine'
          } catch (error) {
            return `${(error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message}`
          }
        }))
        t.equal(answers[0], answers[1], `${kind} in ${accessPath} is the same for a hit and a miss`)
        t.equal(answers[1], 'fine', `${kind} in ${accessPath} works on one's own rows`)
      }
    }

    t.test('a pattern that ends in a backslash is the client\'s mistake, whoever\'s row would match', async (t) => {
      for (const pattern of ['sec\\', 'zzz\\', 'sec\\\\\\']) {
        await t.rejects(async () => await a.db.select().from(notes).where(like(notes.body, pattern)), { code: 'FAI_INVALID_ARGUMENT', statusCode: 400 })
        await t.rejects(async () => await a.db.select().from(notes).where(ilike(notes.body, pattern)), { code: 'FAI_INVALID_ARGUMENT' })
      }
      await a.repository(notes).insert({ body: 'mine too' })
      t.equal((await a.db.select().from(notes).where(like(notes.body, 'm\\ine%'))).length, 1)
      t.equal((await a.db.select().from(notes).where(like(notes.body, 'm\\\\'))).length, 0)
      const prepared = a.db.select().from(notes).where(like(notes.body, sql.placeholder('q'))).prepare('oracle')
      t.equal((await prepared.execute({ q: 'sec\\' })).length, 0, 'behind the fence a placeholder meets own rows only')
    })

    t.test('what cannot fail is not fenced, so that indexes serve it', async (t) => {
      const text = (query: { toSQL (): { sql: string } }): string => query.toSQL().sql
      t.notMatch(text(a.db.select().from(notes).where(and(gt(notes.body, 'a'), like(notes.body, 'm%'))).orderBy(asc(notes.body))), 'offset')
      t.notMatch(text(a.db.query.projects.findMany({ with: { tasks: { limit: 2, orderBy: orderOf(asc(tasks.id)) } } })), 'offset')
      t.notMatch(text(a.db.select({ upper: sql`upper(${notes.body})::text || 'x'` }).from(notes)), 'offset')
      t.match(text(a.db.select().from(notes).where(sql`${notes.body}::integer = 1`)), 'offset 0')
    })
  })

  // To estimate, the planner runs an operator on the values it keeps of a column, which are everybody's. A pattern must not begin with text here, and the
  // table must have enough values that some are kept.
  t.test(`${setting.name}: nor does the planner tell, which tries operators on everybody's values`, async (t) => {
    const { a, b, admin } = await startScopes(t, await startTaskPlace(t, setting))
    await a.repository(notes).insert(Array.from({ length: 40 }, (_, index) => ({ body: `own ${index}` })))
    await b.repository(notes).insert(Array.from({ length: 40 }, (_, index) => ({ body: `other ${index}` })))
    await b.repository(notes).insert({ body: 'otter secret' })
    await admin.unsafe('vacuum analyze')

    const patterns: Record<string, (guess: string) => SQL> = {
      concat: (guess) => sql`${notes.body} like concat(${guess}::text)`,
      '||': (guess) => sql`${notes.body} like '' || ${guess}`,
      ilike: (guess) => sql`${notes.body} ilike '' || ${guess}`,
      'not like': (guess) => sql`${notes.body} not like '' || ${guess}`,
      operator: (guess) => sql`${notes.body} ~~ ${guess}`,
      escape: (guess) => sql`${notes.body} like ${guess.replace('\\', '!')} escape '!'`,
      any: (guess) => sql`${notes.body} like any(array[${guess}])`,
      parentheses: (guess) => sql`${notes.body} like (${guess})`,
      'a cast column': (guess) => sql`${notes.body}::varchar like '' || ${guess}`
    }
    const accessPaths: Record<string, (condition: SQL) => PromiseLike<unknown>> = {
      findMany: (condition) => a.repository(notes).findMany({ where: condition }),
      count: (condition) => a.repository(notes).count(condition),
      select: (condition) => a.db.select().from(notes).where(condition),
      'sub-query': (condition) => {
        const sub = a.db.select({ told: condition.as('told') }).from(notes).as('sub')
        return a.db.select().from(sub).where(eq(sub.told, true))
      },
      exists: (condition) => a.db.select().from(tasks).where(exists(a.db.select({ one: sql`1` }).from(notes).where(condition))),
      join: (condition) => a.db.select().from(tasks).innerJoin(notes, condition),
      having: (condition) => a.db.select({ body: notes.body }).from(notes).groupBy(notes.body).having(condition),
      lock: (condition) => a.db.select().from(notes).where(condition).for('update'),
      update: (condition) => a.db.update(notes).set({ body: 'x' }).where(and(condition, eq(notes.body, 'none'))),
      delete: (condition) => a.db.delete(notes).where(and(condition, eq(notes.body, 'none'))),
      'update from': (condition) => a.db.update(tasks).set({ title: 'x' }).from(notes).where(condition)
    }
    for (const [kind, make] of Object.entries(patterns)) {
      for (const [accessPath, use] of Object.entries(accessPaths)) {
        const told = await Promise.all(['_tter\\', '_ttex\\'].map(async (guess) => {
          try {
            await use(make(guess))
            return 'fine'
          } catch (error) {
            return (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).message
          }
        }))
        t.strictSame(told, ['fine', 'fine'], `${kind} in ${accessPath}`)
      }
    }
    for (const pattern of [['_tter\\'], new String('_tter\\'), { toString: () => '_tter\\' }, 1]) { // eslint-disable-line no-new-wrappers -- what a handler may pass on
      await t.rejects(async () => await a.db.select().from(notes).where(like(notes.body, pattern as string)), { code: 'FAI_INVALID_ARGUMENT' })
    }
  })
}
