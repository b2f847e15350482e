import { alias, union } from 'drizzle-orm/pg-core'
import { desc, eq, exists, or, sql } from 'drizzle-orm'
import type { Test } from 'tap'
import { type Canary, canaryNote, ownNote, type TaskDatabase } from '../../fixtures/canary.js'
import { categories, entries, memos, notes, openTasks, projects, taskCounts, tasks } from '../../fixtures/task-schema.js'
import type { UserScope } from '../../../lib/repository/user-scope.js'

/** What is sent, read as text. */
export function statements (t: Test, canary: Canary): void {
  const { setting, attempt, statements, wire, forget, reset } = canary
  t.beforeEach(async () => { await reset(); forget() })

  const owned = 'projects|tasks|notes|entries|samples|memos|open_tasks|task_counts'
  const name = `(?:"app"\\.)?"(${owned})"`

  // What is wrong with a statement, read as text: every owned table in it must stand beside the user's id.
  function faultsOf ({ sql, params }: { sql: string, params: unknown[] }): string[] {
    const binds = (condition: string | undefined): boolean => condition !== undefined && params[Number(condition) - 1] === 'A'
    const faults: string[] = []
    for (const [text, , table, condition] of sql.matchAll(new RegExp(`(?<!delete )(from|join|using) ${name}(?: where "\\2"\\."user_id" = \\$(\\d+)\\))?`, 'g'))) {
      if (!binds(condition)) faults.push(`reads "${table}": ${text}`)
    }
    for (const [text, , table] of sql.matchAll(new RegExp(`(update|delete from) ${name}`, 'g'))) {
      const [, condition] = new RegExp(` where \\("${table}"\\."user_id" = \\$(\\d+)\\)`).exec(sql) ?? []
      if (!binds(condition)) faults.push(`writes "${table}": ${text}`)
    }
    for (const [, table, columns] of sql.matchAll(new RegExp(`insert into ${name} \\(([^)]*)\\)`, 'g'))) {
      if (!columns!.includes('"user_id"') || !params.includes('A')) faults.push(`inserts into "${table}"`)
      const [, condition] = new RegExp(` where (?:\\(|case when )"${table}"\\."user_id" = \\$(\\d+)(?:\\)| then )`).exec(sql) ?? []
      if (sql.includes(' do update set ') && !binds(condition)) faults.push(`upserts into "${table}"`)
    }
    const mentioned = [...sql.matchAll(new RegExp(`\\b(?:from|join|update|into|using)\\s+${name}`, 'g'))].length
    if (mentioned === 0 && new RegExp(`"(?:${owned})"`).test(sql)) faults.push('names an owned table in another way')
    return faults
  }

  // What is wrong with how they were sent. Under row-level security each stands between `begin` and `commit`, behind the user's id, which goes
  // with the transaction; without it nothing tells PostgreSQL who asks.
  function faultsOfWire (): string[] {
    const faults: string[] = []
    const users = new Map<number, unknown>()
    for (const { connection, sql, params } of wire) {
      if (/^\s*begin\b/i.test(sql)) users.set(connection, 'nobody')
      else if (/^\s*(?:commit|rollback)\s*;?\s*$/i.test(sql)) users.delete(connection)
      else if (sql.includes('set_config')) {
        const place = params.indexOf('app.user_id') + 1
        if (!setting.rowLevelSecurity || !users.has(connection) || place === 0 || !sql.includes(`set_config($${place}, $${place + 1}, true)`)) faults.push(`sets ${sql}`)
        users.set(connection, params[place])
      } else if (new RegExp(`"(?:${owned})"`).test(sql) && setting.rowLevelSecurity && users.get(connection) !== 'A') faults.push(`sent for ${String(users.get(connection))}: ${sql}`)
    }
    return faults
  }

  t.test('the audit finds what it looks for', async (t) => {
    for (const [text, params] of [
      ['select * from "tasks"', ['A']], ['select * from "tasks" where "tasks"."user_id" = $1', ['A']], ['select * from (select * from "tasks" where "tasks"."user_id" = $1) "tasks"', ['B']],
      ['select 1 from "x" left join "app"."memos" on true', ['A']], ['update "notes" set "body" = $1', ['A']], ['delete from "notes" where ("notes"."id" = $1)', ['A']],
      ['update "notes" set "body" = $1 where ("notes"."user_id" = $2)', ['A', 'B']], ['insert into "notes" ("body") values ($1)', ['A']], ['insert into "notes" ("user_id") values ($1)', ['B']],
      ['insert into "notes" ("user_id") values ($1) on conflict ("id") do update set "body" = $2', ['A', 'x']]
    ] as Array<[string, unknown[]]>) t.equal(faultsOf({ sql: text, params }).length, 1, text)
  })

  const uses: Record<string, (scope: UserScope<TaskDatabase>) => PromiseLike<unknown>> = {
    select: ({ db }) => db.select().from(tasks).where(or(eq(tasks.userId, 'B'), sql`true`)).orderBy(desc(tasks.id)).limit(5),
    'select of shared rows': ({ db }) => db.select().from(categories).leftJoin(tasks, eq(tasks.categoryId, categories.id)),
    joins: ({ db }) => db.select().from(tasks).leftJoin(projects, sql`true`).rightJoin(notes, sql`true`).fullJoin(entries, sql`true`).crossJoin(memos),
    'lateral join': ({ db }) => db.select().from(projects).leftJoinLateral(db.select().from(tasks).where(eq(tasks.projectId, projects.id)).as('x'), sql`true`),
    aliases: ({ db }) => { const other = alias(tasks, 'other'); return db.select().from(tasks).innerJoin(other, eq(other.id, tasks.id)) },
    // The materialised view is out of reach under row-level security.
    views: ({ db }) => db.select().from(openTasks).leftJoin(setting.rowLevelSecurity ? projects : taskCounts, sql`true`),
    exists: ({ db }) => db.select().from(notes).where(exists(db.select().from(tasks))),
    'sub-query as a field': ({ db }) => db.select({ n: sql`${db.select({ n: sql`count(*)` }).from(tasks)}`, m: db.$count(notes) }).from(projects),
    'common table expression': ({ db }) => { const cte = db.$with('x').as(db.select().from(tasks)); return db.with(cte).select().from(cte).leftJoin(notes, sql`true`) },
    'writing expression': ({ db }) => { const cte = db.$with('x').as(db.delete(tasks).where(eq(tasks.id, 1)).returning()); return db.with(cte).select().from(cte) },
    union: ({ db }) => union(db.select({ id: tasks.id }).from(tasks), db.select({ id: projects.id }).from(projects)).orderBy(tasks.id),
    count: ({ db }) => db.$count(tasks, sql`true`),
    relational: ({ db }) => db.query.projects.findMany({ with: { tasks: { with: { category: true, project: true }, limit: 2 } } }),
    'select for update': ({ db }) => db.select().from(tasks).for('update'),
    insert: ({ db }) => db.insert(notes).values([{ body: 'a' }, { body: 'b' }]).returning(),
    'insert with a reference': ({ db }) => db.insert(tasks).values({ title: 'x', projectId: 1 }),
    'insert … select': ({ db }) => db.insert(notes).select(db.select({ body: tasks.title }).from(tasks) as never),
    upsert: ({ db }) => db.insert(notes).values({ id: ownNote }).onConflictDoUpdate({ target: notes.id, set: { body: 'x' }, setWhere: sql`true or true` }),
    update: ({ db }) => db.update(notes).set({ body: 'x' }).where(sql`true or user_id = 'B'`),
    'update … from': ({ db }) => db.update(notes).set({ body: sql`${tasks.title}` }).from(tasks).leftJoin(projects, sql`true`),
    delete: ({ db }) => db.delete(notes).where(or(eq(notes.id, canaryNote), sql`true`)),
    transaction: ({ db }) => db.transaction(async (tx) => { await tx.update(memos).set({ body: 'x' }); await tx.transaction(async (inner) => { await inner.delete(memos) }) }),
    repository: async ({ repository }) => {
      const repo = repository(notes)
      await repo.insert({ body: 'x' })
      await repo.findMany({ where: sql`true`, orderBy: [desc(notes.body)], limit: 2, offset: 1 })
      await repo.findMany({ limit: 2 })
      await repo.findById(ownNote)
      await repo.paginate({ limit: 1, orderBy: notes.body, cursor: (await repo.paginate({ limit: 1, orderBy: notes.body })).nextCursor })
      await repo.count()
      await repo.count(sql`true`)
      await repo.exists()
      await repo.upsert({ id: ownNote, body: 'y' }, { target: notes.id })
      await repo.updateById(ownNote, { body: 'z' })
      await repo.update(sql`true`, { body: 'z' })
      await repo.deleteById(ownNote)
      await repo.delete(sql`true`)
    }
  }

  for (const [name, use] of Object.entries(uses)) {
    t.test(`${name} binds the user's id to every owned table`, async (t) => {
      // The second and third time a statement is a prepared one.
      for (let times = 0; times < 3; times++) {
        const answer = await attempt(t, name, use)
        t.notOk(answer instanceof Error, String(answer))
      }
      const own = statements.filter(({ sql }) => new RegExp(`"(?:${owned})"`).test(sql))
      t.ok(own.length >= 3)
      for (const statement of own) t.same(faultsOf(statement), [], statement.sql)
      t.same(faultsOfWire(), [], setting.rowLevelSecurity ? 'each in a transaction that knows the user' : 'and PostgreSQL is told of no user')
    })
  }
}
