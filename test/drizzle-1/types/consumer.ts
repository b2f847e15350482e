// An app on Drizzle 1.x, compiled and not run.
import { defineRelations, eq } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import fastify from 'fastify'
import authIntegration, { timestamps, userIsolationPolicy, userScope } from 'fastify-auth-integration'

const projects = pgTable('projects', { id: integer().primaryKey(), user_id: text().notNull(), name: text().notNull() }, (table) => [userIsolationPolicy(table.user_id)])
const tasks = pgTable('tasks', { id: integer().primaryKey(), userId: text('user_id').notNull(), projectId: integer().notNull(), title: text().notNull(), ...timestamps() })
const invoices = pgTable('invoices', { id: integer().primaryKey(), total: integer().notNull() })

const relations = defineRelations({ projects, tasks, invoices }, (r) => ({
  projects: { tasks: r.many.tasks({ from: r.projects.id, to: r.tasks.projectId }) }
}))
const db = drizzle({ connection: 'postgres://localhost/app', relations })

declare module 'fastify-auth-integration' {
  interface Register { db: typeof db }
}

const app = fastify()
await app.register(authIntegration, { secret: 'x'.repeat(32), db })

app.get('/tasks', async (request) => {
  const rows = await request.repository(tasks).findMany({ where: eq(tasks.title, 'x') })
  const title: string = rows[0]!.title
  const at: Date = rows[0]!.createdAt
  const inserted = await request.repository(tasks).insert({ id: 1, projectId: 1, title })
  const id: number = inserted.id
  // @ts-expect-error The owner is written by the scope.
  await request.repository(tasks).insert({ id: 1, projectId: 1, title, userId: 'B' })
  // @ts-expect-error It has no owner column.
  request.repository(invoices)

  const found = await request.db.query.projects.findMany({ where: { name: { like: 'a%' } }, with: { tasks: true } })
  const nested: string | undefined = found[0]?.tasks[0]?.title
  const selected: Array<{ id: number }> = await request.db.select({ id: tasks.id }).from(tasks)
  const written = await request.db.insert(projects).values({ id: 1, name: 'x' }).returning()
  const owner: string = written[0]!.user_id
  const changed: Array<{ title: string }> = await request.db.update(tasks).set({ title }).where(eq(tasks.id, 1)).returning()
  const gone: number[] = (await request.db.delete(tasks).where(eq(tasks.id, 1)).returning()).map(({ id }) => id)
  const total: number = await request.db.$count(tasks)
  // @ts-expect-error It has no owner column.
  request.db.delete(invoices)
  // @ts-expect-error No such relation.
  await request.db.query.projects.findMany({ with: { nothing: true } })
  await request.db.transaction(async (tx) => await tx.query.tasks.findFirst({ orderBy: { id: 'desc' } }))
  return { at, id, nested, selected, owner, changed, gone, total }
})

const { repository } = userScope(db, 'ada')
export const count: Promise<number> = repository(tasks).count()
