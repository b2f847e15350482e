import { and, eq, or, sql, type SQL } from 'drizzle-orm'
import { customType, integer, pgTable, text, type PgColumn } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import type { Test } from 'tap'
import { errors } from '../../../lib/errors.js'
import { type Canary, canaryMark, canaryNote, shownError, type TaskDatabase } from '../../fixtures/canary.js'
import { bracketedSubSelect, allowedTexts, hostileTexts } from '../../fixtures/fragments.js'
import { mood, notes, projects, samples, tasks } from '../../fixtures/task-schema.js'
import type { UserDatabase } from '../../../lib/repository/scoped-types.js'
import { hasFilterObjects, orderOf, whereOf } from '../../fixtures/relational.js'

/** Raw SQL, in every place that takes it. */
export function fragments (t: Test, canary: Canary): void {
  const { a, admin, setting, attempt, reset } = canary
  t.beforeEach(reset)

  type Database = UserDatabase<TaskDatabase>

  // Every place of a builder where a handler can put raw SQL.
  const places: Record<string, (db: Database, piece: SQL) => PromiseLike<unknown>> = {
    where: (db, piece) => db.select().from(notes).where(piece),
    'where, in and()': (db, piece) => db.select().from(notes).where(and(eq(notes.body, 'own note'), piece)),
    'where, in or()': (db, piece) => db.select().from(notes).where(or(piece, eq(notes.body, 'x'))),
    'a field': (db, piece) => db.select({ x: piece }).from(notes),
    'a field with a name': (db, piece) => db.select({ x: piece.as('x') }).from(notes),
    'order by': (db, piece) => db.select().from(notes).orderBy(piece),
    'group by': (db, piece) => db.select({ n: sql`count(*)` }).from(notes).groupBy(piece),
    having: (db, piece) => db.select({ n: sql`count(*)` }).from(notes).having(piece),
    'distinct on': (db, piece) => db.selectDistinctOn([piece], { id: notes.id }).from(notes),
    on: (db, piece) => db.select().from(notes).leftJoin(tasks, piece),
    limit: (db, piece) => db.select().from(notes).limit(piece as never),
    offset: (db, piece) => db.select().from(notes).offset(piece as never),
    'the order of a union': (db, piece) => db.select({ id: notes.id }).from(notes).union(db.select({ id: notes.id }).from(notes)).orderBy(piece),
    'the limit of a union': (db, piece) => db.select({ id: notes.id }).from(notes).union(db.select({ id: notes.id }).from(notes)).limit(piece as never),
    'a sub-query': (db, piece) => db.select().from(db.select({ x: piece.as('x') }).from(notes).as('inner')),
    'a common table expression': (db, piece) => {
      const cte = db.$with('cte').as(db.select({ id: notes.id }).from(notes).where(piece))
      return db.with(cte).select().from(cte)
    },
    $count: (db, piece) => db.$count(notes, piece),
    '$count in a select': (db, piece) => db.select({ n: db.$count(notes, piece) }).from(tasks),
    'a value to insert': (db, piece) => db.insert(notes).values({ body: piece }),
    'a value to update': (db, piece) => db.update(notes).set({ body: piece }),
    'where of an update': (db, piece) => db.update(notes).set({ body: '' }).where(piece),
    'where of a delete': (db, piece) => db.delete(notes).where(piece),
    returning: (db, piece) => db.update(notes).set({ body: 'x' }).returning({ x: piece as SQL<string> }),
    'the set of an upsert': (db, piece) => db.insert(notes).values({ id: canaryNote, body: '' }).onConflictDoUpdate({ target: notes.id, set: { body: piece } }),
    'setWhere of an upsert': (db, piece) => db.insert(notes).values({ id: canaryNote, body: '' }).onConflictDoUpdate({ target: notes.id, set: { body: '' }, setWhere: piece }),
    'targetWhere of an upsert': (db, piece) => db.insert(notes).values({ id: canaryNote, body: '' }).onConflictDoUpdate({ target: notes.id, targetWhere: piece, set: { body: '' } }),
    'where of do nothing': (db, piece) => db.insert(notes).values({ body: '' }).onConflictDoNothing({ target: notes.id, where: piece }),
    'where of a relational query': (db, piece) => db.query.notes.findMany({ where: whereOf(piece) }),
    'extras of a relational query': (db, piece) => db.query.notes.findMany({ extras: { x: piece.as('x') } }),
    'order of a relational query': (db, piece) => db.query.notes.findMany({ orderBy: orderOf(piece) }),
    'where of a relation': (db, piece) => db.query.projects.findMany({ with: { tasks: { where: whereOf(piece) } } }),
    'extras of a relation': (db, piece) => db.query.projects.findMany({ with: { tasks: { extras: { x: piece.as('x') } } } }),
    'order of a relation': (db, piece) => db.query.projects.findMany({ with: { tasks: { orderBy: orderOf(piece) } } }),
    'where of the repository': (db, piece) => db.repository(notes).findMany({ where: piece }),
    'order of the repository': (db, piece) => db.repository(notes).findMany({ orderBy: piece }),
    'where of repository.update': (db, piece) => db.repository(notes).update(piece, { body: '' }),
    'where of repository.delete': (db, piece) => db.repository(notes).delete(piece),
    'a value of repository.insert': (db, piece) => db.repository(notes).insert({ body: piece }),
    'a value of repository.updateById': (db, piece) => db.repository(notes).updateById('00000000-0000-4000-8000-00000000000a', { body: piece }),
    'where of a page': (db, piece) => db.repository(notes).paginate({ where: piece })
  }

  // Here Drizzle sets brackets of its own around the piece, and judged is the whole: a piece that closes one and opens
  // another, or a clause word that may stand inside a call, is left to PostgreSQL, which finds only A's rows or a syntax error.
  const bracketed = /and\(\)|or\(\)|(?:where|extras) of a relation$/
  const leftToPostgres = new Set(['another clause', 'an open or closed bracket', ...setting.rowLevelSecurity ? ['a sub-select', 'another statement'] : []])
  // With policies behind it a fragment may hold a sub-select in brackets.
  const passes = (fault: string): boolean => setting.rowLevelSecurity && fault === bracketedSubSelect

  for (const [place, put] of Object.entries(places)) {
    t.test(`no hostile text passes as ${place}`, async (t) => {
      const texts = Object.entries(hostileTexts).flatMap(([fault, list]) => list.map((text) => ({ fault, text })))
      await attempt(t, `${texts.length} texts`, async ({ db }) => {
        const answers: unknown[] = []
        const amiss: string[] = []
        for (const { fault, text } of texts) {
          const answer = await Promise.resolve().then(() => put(db, sql.raw(text))).catch((error: Error) => error)
          answers.push(answer instanceof Error ? shownError(answer) : answer)
          if (bracketed.test(place) && leftToPostgres.has(fault)) continue
          if (answer instanceof errors.UnsafeFragment === passes(fault)) amiss.push(text)
        }
        t.same(amiss, [], setting.rowLevelSecurity ? 'all are refused but sub-selects in brackets' : 'all are refused')
        return answers
      })
    })
  }

  t.test('a harmless expression answers what it answers without the scope', async (t) => {
    // drizzle() changes how its client reads dates; this one has to read them alike.
    const { $client: everybody } = drizzle(admin)
    for (const text of allowedTexts) {
      const [expected] = await everybody.unsafe(`select (${text}) as x from samples where user_id = 'A'`).values()
      const [row] = await attempt(t, text, ({ db }) => db.select({ x: sql.raw(text) }).from(samples)) as Array<{ x: unknown }>
      t.same([row!.x], expected, text)
    }
  })

  t.test('a harmless condition keeps its meaning beside the owner', async (t) => {
    for (const [condition, found] of [['amount > 1 or true', 1], ['false', 0], ["label = 'other' or 'x' = any(tags)", 1], ['true and false or amount is distinct from null', 1]] as const) {
      const rows = await attempt(t, condition, ({ db }) => db.select().from(samples).where(sql.raw(condition))) as unknown[]
      t.equal(rows.length, found, condition)
      const changed = await attempt(t, `update where ${condition}`, ({ db }) => db.update(samples).set({ amount: 13 }).where(sql.raw(condition)).returning()) as unknown[]
      t.equal(changed.length, found, condition)
    }
  })

  t.test('pieces cannot be glued to what none of them is', async (t) => {
    const column = notes.body as PgColumn
    const glued: Record<string, SQL> = {
      'a keyword in two chunks': sql`${sql.raw('sel')}${sql.raw('ect 1')}`,
      'a keyword across joins': sql.join([sql.raw('un'), sql.raw('ion'), sql.raw(' '), sql.raw('sel'), sql.raw('ect 1')]),
      'a comment in two chunks': sql`${sql.raw('-')}${sql.raw('- x')}`,
      'a comment of an inlined number': sql`1 -${-1}`.inlineParams(),
      'a dollar quote in two chunks': sql`${sql.raw('$')}${sql.raw('$a$$')}`,
      'a quote around half a column': sql`'${column}'' or "`,
      'an inlined value behind e': sql`e${"\\' union select 1 --"}`.inlineParams(),
      'an inlined value behind u&': sql`u&${'\\0061'}`.inlineParams(),
      'an identifier behind u&': sql`u&${sql.identifier('qu\\0065ry_to_xml')}(1)`,
      'a column behind u&': sql`u&${column}`,
      'a function in two chunks': sql`query_to_${sql.raw('xml')}('select 1', true, false, '')`,
      'a function as an identifier': sql`${sql.identifier('query_to_xml')}('select 1', true, false, '')`,
      'a function as an identifier of a schema': sql`${sql.identifier('pg_catalog')}.${sql.identifier('query_to_xml')}('select 1', true, false, '')`,
      'a function over a list': sql`${sql.identifier('query_to_xml')}${['select 1', true, false, '']}`,
      'a function over a sub-query': sql`${sql.identifier('query_to_xml')}${a.db.select({ x: sql`'select 1'` }).from(notes)}`,
      'a table behind select': sql`(select body from ${notes})`,
      'a digit behind a value': sql`${1}0 = 10`,
      'a word behind a value': sql`${1}or true`,
      'an encoder that answers SQL': sql`${sql.param('x', { mapToDriverValue: () => sql.raw('(select body from notes limit 1)') })}`,
      'an inlined NUL': sql`${'a\0b'}`.inlineParams(),
      'a function to inline': sql`${(() => 1) as never}`.inlineParams(),
      'a sub-query by its alias': sql`${a.db.select({ id: notes.id }).from(notes).as('x')}`
    }
    // Under row-level security these are a sub-select in brackets, or become one where Drizzle sets brackets around them.
    const walled = new Set(setting.rowLevelSecurity ? ['a table behind select', 'an encoder that answers SQL'] : [])
    const walledInBrackets = new Set(setting.rowLevelSecurity ? ['a keyword in two chunks', 'a keyword across joins'] : [])
    for (const [name, piece] of Object.entries(glued)) {
      const wrong: string[] = []
      let tried = 0
      await attempt(t, name, async ({ db }) => {
        for (const [place, put] of Object.entries(places)) {
          // On the way to these places Drizzle's copy of the piece loses inlineParams, and then nothing is inlined.
          if (/relation|order of a union/.test(place) && /inline/.test(name)) continue
          const answer = await Promise.resolve().then(() => put(db, piece)).catch((error: unknown) => error)
          const isWalled = walled.has(name) || (bracketed.test(place) && walledInBrackets.has(name))
          tried++
          if (answer instanceof errors.UnsafeFragment === isWalled) wrong.push(`as ${place}: ${answer instanceof Error ? answer.message : JSON.stringify(answer)}`)
        }
      })
      t.strictSame(wrong, [], name)
      t.ok(tried > 20, `${name}, in ${tried} places`)
    }
  })

  t.test('values, lists, identifiers, tables, enums and sub-queries stand in a fragment', async (t) => {
    const own = (piece: SQL) => attempt(t, 'legitimate', ({ db }) => db.select({ x: piece }).from(samples))
    const nested = a.db.select({ body: notes.body }).from(notes)
    t.same(await own(sql`${'a'} || ${'b'}`), [{ x: 'ab' }])
    t.same(await own(sql`${5}::int in ${[4, 5]}`), [{ x: true }])
    t.same(await own(sql`${sql.identifier('label')}`), [{ x: 'own' }])
    t.same(await own(sql`${samples}.label`), [{ x: 'own' }])
    t.same(await own(sql`${'good'}::${mood}`), [{ x: 'good' }])
    t.same(await own(sql`cast(${'good'} as ${mood})`), [{ x: 'good' }])
    t.same(await own(sql`${nested}`), [{ x: 'own note' }])
    t.same(await own(sql`exists ${nested}`), [{ x: true }])
    t.same(await own(sql`array${nested}`), [{ x: ['own note'] }])
    t.same(await own(sql`${'own note'} in ${nested}`), [{ x: true }])
    t.same(await own(sql`${canaryMark + ' note'} in ${nested}`), [{ x: false }])
    t.same(await own(sql`${"it's"} || ${1} || ${true} || ${null}`.inlineParams()), [{ x: null }])
    t.same(await own(sql`${"it's"} || ${1} || ${true} || ${12n} || ${['a', 'b'][1]}`.inlineParams()), [{ x: "it's1true12b" }])
    t.same(await own(sql`${{ n: 1 }}::jsonb -> 'n'`.inlineParams()), [{ x: 1 }])
    t.same(await own(sql`${undefined} ${sql.empty()} 1`), [{ x: 1 }])
    t.same(await own(sql`${sql.param('x', { mapToDriverValue: () => sql`upper(${'x'})` })}`), [{ x: 'X' }])
  })

  t.test('a column type that writes SQL is judged like a fragment', async (t) => {
    const shouting = customType<{ data: string, driverData: string }>({ dataType: () => 'text', toDriver: (value) => sql`upper(${value})` })
    const leaking = customType<{ data: string, driverData: string }>({ dataType: () => 'text', toDriver: (value) => sql.raw(value) })
    const loud = pgTable('projects', { id: integer(), userId: text('user_id'), name: shouting() })
    const raw = pgTable('projects', { id: integer(), userId: text('user_id'), name: leaking() })
    t.match(await a.db.update(loud).set({ name: 'loud' }).returning(), [{ name: 'LOUD' }])
    t.same(await a.db.select({ name: loud.name }).from(loud).where(eq(loud.name, 'loud')), [{ name: 'LOUD' }])
    t.match(await a.repository(loud).update(eq(loud.name, 'loud'), { name: 'again' } as never), [{ name: 'AGAIN' }])
    const [{ id }] = await a.db.select({ id: projects.id }).from(projects) as [{ id: number }]
    t.match(await a.db.update(raw).set({ name: 'lower(\'FINE\')' }).returning(), [{ name: 'fine' }])
    const attempts: Array<(scope: typeof a, name: string) => PromiseLike<unknown>> = [
      ({ db }, name) => db.update(raw).set({ name }),
      ({ db }, name) => db.insert(raw).values({ name }),
      ({ db }, name) => db.select().from(raw).where(eq(raw.name, name)),
      ({ repository }, name) => repository(raw).update(eq(raw.id, id), { name } as never)
    ]
    for (const run of attempts) {
      for (const value of ["'x' where user_id = 'B' --", '(select name from projects where id = 2)', "'x') = '' or ('' = ''"]) {
        const isWalled = setting.rowLevelSecurity && value.startsWith('(select')
        t.equal(await attempt(t, value, (scope) => run(scope, value)) instanceof errors.UnsafeFragment, !isWalled, value)
      }
      // In parentheses of its own a list is a row, and no further assignment.
      await attempt(t, 'a list', (scope) => run(scope, "'x', user_id = 'B'"))
    }
    const placeholder = await attempt(t, 'a placeholder', ({ db }) => db.insert(raw).values({ name: sql.placeholder('name') }).prepare('p').execute({ name: "'x'" }))
    t.ok(placeholder instanceof errors.Unsupported)
  })

  t.test('what and() glues together stays among one\'s own rows', async (t) => {
    const glued = and(eq(notes.body, 'nothing like it'), sql`false or true`)
    const found = await attempt(t, 'select', ({ db }) => db.select().from(notes).where(glued)) as Array<{ userId: string }>
    t.equal(found.length > 0, !hasFilterObjects, 'Drizzle 0.45 puts no parentheses around the fragment, 1.x does')
    t.same(found.filter(({ userId }) => userId !== 'A'), [])
    await attempt(t, 'update', ({ db }) => db.update(notes).set({ body: 'changed' }).where(glued))
    await attempt(t, 'delete', ({ db }) => db.delete(notes).where(glued))
  })
}
