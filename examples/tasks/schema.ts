import { relations } from 'drizzle-orm'
import { boolean, foreignKey, index, pgTable, primaryKey, text, unique, uuid } from 'drizzle-orm/pg-core'
import { timestamps } from 'fastify-auth-integration'
import { user } from '../../templates/server/src/auth-schema.js'

// Better Auth's four tables, the same that init writes.
export * from '../../templates/server/src/auth-schema.js'

/** The app's own tables begin here; `user_id` makes each row somebody's. */
export const tasks = pgTable('tasks', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' }),
  title: text('title').notNull(),
  done: boolean('done').notNull().default(false),
  ...timestamps()
}, (table) => [
  // Led by the owner, so that every scoped statement reads one range of it, and newest first comes in order.
  index('tasks_user_id_created_at').on(table.userId, table.createdAt, table.id),
  // What the references below point at: a row together with whose it is.
  unique('tasks_user_id_id').on(table.userId, table.id)
])

export const projects = pgTable('projects', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' }),
  name: text('name').notNull(),
  ...timestamps()
}, (table) => [
  unique('projects_user_id_id').on(table.userId, table.id),
  // Each person's names are their own: a name across users would tell that another has taken it.
  unique('projects_user_id_name').on(table.userId, table.name)
])

/** The project a task is filed in, at most one. */
export const filings = pgTable('filings', {
  userId: text('user_id').notNull(),
  taskId: uuid('task_id').notNull(),
  projectId: uuid('project_id').notNull(),
  ...timestamps()
}, (table) => [
  primaryKey({ columns: [table.userId, table.taskId] }),
  index('filings_user_id_project_id').on(table.userId, table.projectId),
  // With the owner in the key PostgreSQL itself keeps a row from pointing at someone else's.
  foreignKey({ columns: [table.userId, table.taskId], foreignColumns: [tasks.userId, tasks.id] }).onDelete('cascade'),
  foreignKey({ columns: [table.userId, table.projectId], foreignColumns: [projects.userId, projects.id] }).onDelete(
    'cascade'
  )
])

/** What there is to say about a task. */
export const notes = pgTable('notes', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: text('user_id').notNull(),
  taskId: uuid('task_id').notNull(),
  body: text('body').notNull(),
  ...timestamps()
}, (table) => [
  index('notes_user_id_task_id').on(table.userId, table.taskId, table.createdAt),
  foreignKey({ columns: [table.userId, table.taskId], foreignColumns: [tasks.userId, tasks.id] }).onDelete('cascade')
])

export const taskRelations = relations(tasks, ({ one, many }) => ({ filing: one(filings), notes: many(notes) }))
export const projectRelations = relations(projects, ({ many }) => ({ filings: many(filings) }))
export const filingRelations = relations(filings, ({ one }) => ({
  task: one(tasks, { fields: [filings.userId, filings.taskId], references: [tasks.userId, tasks.id] }),
  project: one(projects, { fields: [filings.userId, filings.projectId], references: [projects.userId, projects.id] })
}))
export const noteRelations = relations(notes, ({ one }) => ({
  task: one(tasks, { fields: [notes.userId, notes.taskId], references: [tasks.userId, tasks.id] })
}))
