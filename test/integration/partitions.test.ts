import { and, count, desc, eq, exists, relations, sql } from 'drizzle-orm'
import { alias, integer, pgTable, primaryKey, text, unionAll } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgresJs from 'postgres'
import t from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { startPlace, layers } from '../fixtures/settings.js'

const projects = pgTable('projects', { userId: text('user_id').notNull(), id: integer('id').notNull(), name: text('name').notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.id] })])
const tasks = pgTable('tasks', { userId: text('user_id').notNull(), id: integer('id').notNull(), projectId: integer('project_id'), title: text('title').notNull() },
  (table) => [primaryKey({ columns: [table.userId, table.id] })])
const schema = {
  projects,
  tasks,
  projectRelations: relations(projects, ({ many }) => ({ tasks: many(tasks) })),
  taskRelations: relations(tasks, ({ one }) => ({ project: one(projects, { fields: [tasks.userId, tasks.projectId], references: [projects.userId, projects.id] }) }))
}
const tables = ['projects', 'tasks']

const create = `
  create table projects (user_id text not null, id integer not null, name text not null, primary key (user_id, id)) partition by hash (user_id);
  create table tasks (user_id text not null, id integer not null, project_id integer, title text not null, primary key (user_id, id),
    foreign key (user_id, project_id) references projects (user_id, id)) partition by hash (user_id);
` + tables.flatMap((table) => [0, 1, 2, 3].map((rest) => `create table ${table}_p${rest} partition of ${table} for values with (modulus 4, remainder ${rest});`)).join('')

interface Plan { 'Relation Name'?: string, 'Actual Loops'?: number, Plans?: Plan[] }

/** The tables that a plan reads or, where it was run, has read; of a partitioned one, its partitions. */
function relationsOf (plan: Plan): string[] {
  if (plan['Actual Loops'] === 0) return []
  return [...new Set([plan['Relation Name'] ?? [], (plan.Plans ?? []).flatMap(relationsOf)].flat())]
}

for (const setting of layers) {
  t.test(`${setting.name}: every scoped statement goes to one partition of each table it names`, async (t) => {
    const { url, options } = await startPlace(t, setting, create, schema)
    const client = postgresJs(url, { max: 2, onnotice: () => {} })
    const plain = postgresJs(url, { max: 1, onnotice: () => {} })
    t.teardown(async () => { await Promise.all([client.end(), plain.end()]) })
    if (setting.rowLevelSecurity) await plain`select set_config('app.user_id', 'ada', false)`
    // What each form has sent, to be explained afterwards.
    let sent: Array<{ query: string, params: unknown[] }> = []
    const db = drizzle(client, { schema, logger: { logQuery: (query, params) => { sent.push({ query, params }) } } })
    const { db: own, repository } = userScope(db, 'ada', options)
    await repository(projects).insert({ id: 1, name: 'home' } as never)
    const other = alias(tasks, 'other')
    const open = own.$with('open').as(own.select().from(tasks))

    const forms: Record<string, () => PromiseLike<unknown>> = {
      insert: () => repository(tasks).insert({ id: 1, projectId: 1, title: 'a' } as never),
      'insert of several': () => own.insert(tasks).values([{ id: 2, title: 'b' }, { id: 3, title: 'c' }] as never),
      upsert: () => repository(tasks).upsert({ id: 1, title: 'd' } as never, { target: [tasks.userId, tasks.id] }),
      'insert … select': () => own.insert(tasks).select(own.select({ userId: tasks.userId, id: sql<number>`${tasks.id} + 10`.as('id'), projectId: tasks.projectId, title: tasks.title }).from(tasks) as never),
      'list by the repository': () => repository(tasks).findMany({ limit: 20 }),
      'one by its id': () => repository(tasks).findById(1),
      page: () => repository(tasks).paginate({ limit: 1 }),
      count: () => repository(tasks).count(),
      $count: () => own.$count(tasks),
      select: () => own.select().from(tasks).where(eq(tasks.title, 'd')).orderBy(desc(tasks.id)),
      'inner join': () => own.select().from(tasks).innerJoin(projects, eq(projects.id, tasks.projectId)),
      'full join': () => own.select().from(tasks).fullJoin(projects, eq(projects.id, tasks.projectId)),
      'join with itself': () => own.select().from(tasks).leftJoin(other, eq(other.id, tasks.id)),
      'sub-query': () => { const sub = own.select().from(tasks).as('sub'); return own.select().from(sub) },
      'common table expression': () => own.with(open).select().from(open),
      exists: () => own.select().from(projects).where(exists(own.select().from(tasks).where(eq(tasks.projectId, projects.id)))),
      union: () => unionAll(own.select({ id: tasks.id }).from(tasks) as never, own.select({ id: projects.id }).from(projects) as never),
      aggregate: () => own.select({ title: tasks.title, n: count() }).from(tasks).groupBy(tasks.title),
      'relational query, two levels deep': () => own.query.projects.findMany({ with: { tasks: { with: { project: true } } } }),
      'for update': () => own.transaction(async (tx) => await tx.select().from(tasks).for('update')),
      update: () => own.update(tasks).set({ title: 'e' }).where(eq(tasks.id, 1)),
      'update by the repository': () => repository(tasks).updateById(1, { title: 'f' }),
      'update with from': () => own.update(tasks).set({ title: 'g' }).from(projects).where(and(eq(projects.id, tasks.projectId), eq(projects.name, 'home'))),
      delete: () => own.delete(tasks).where(eq(tasks.id, 2)),
      'delete by the repository': () => repository(tasks).deleteById(3)
    }
    for (const [name, run] of Object.entries(forms)) {
      sent = []
      await run()
      const statements = sent.filter(({ query }) => tables.some((table) => query.includes(`"${table}"`)))
      t.ok(statements.length > 0, `${name} sends a statement`)
      for (const { query, params } of statements) {
        const [custom] = await plain.unsafe(`explain (format json) ${query}`, params as string[])
        await plain.unsafe(`prepare generic as ${query}`)
        await plain.unsafe('set plan_cache_mode = force_generic_plan')
        const literals = params.map((value) => value === null ? 'null' : `'${String(value).replaceAll('\'', '\'\'')}'`)
        // The generic plan of a join prunes while it runs; one that writes is only looked at, and has pruned before.
        const analyze = /^(?:select|with)/.test(query) ? 'analyze, ' : ''
        const [generic] = await plain.unsafe(`explain (${analyze}format json) execute generic${literals.length === 0 ? '' : `(${literals.join(', ')})`}`)
        await plain.unsafe('deallocate generic')
        for (const [kind, row] of Object.entries({ custom, generic })) {
          const touched = relationsOf((row!['QUERY PLAN'] as [{ Plan: Plan }])[0].Plan)
          for (const table of tables) {
            const partitions = touched.filter((relation) => relation.startsWith(`${table}_p`))
            t.ok(partitions.length <= 1, `${name}, ${kind} plan: one partition of ${table}, not ${partitions.join(', ')}`)
          }
        }
      }
    }
  })
}
