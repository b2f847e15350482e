import { relations } from 'drizzle-orm'
import { boolean, foreignKey, index, pgTable, primaryKey, text, timestamp, unique, uuid } from 'drizzle-orm/pg-core'
import { timestamps } from 'fastify-auth-integration'

/** Better Auth's four tables, under the names its Drizzle adapter looks for. */
export const user = pgTable('user', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  emailVerified: boolean('email_verified').notNull().default(false),
  image: text('image'),
  ...timestamps()
})

export const session = pgTable('session', {
  id: text('id').primaryKey(),
  token: text('token').notNull().unique(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  ipAddress: text('ip_address'),
  userAgent: text('user_agent'),
  userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' }),
  ...timestamps()
}, (table) => [index('session_user_id').on(table.userId)])

export const account = pgTable('account', {
  id: text('id').primaryKey(),
  accountId: text('account_id').notNull(),
  providerId: text('provider_id').notNull(),
  userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' }),
  accessToken: text('access_token'),
  refreshToken: text('refresh_token'),
  idToken: text('id_token'),
  accessTokenExpiresAt: timestamp('access_token_expires_at', { withTimezone: true }),
  refreshTokenExpiresAt: timestamp('refresh_token_expires_at', { withTimezone: true }),
  scope: text('scope'),
  password: text('password'),
  ...timestamps()
}, (table) => [index('account_user_id').on(table.userId)])

export const verification = pgTable('verification', {
  id: text('id').primaryKey(),
  identifier: text('identifier').notNull(),
  value: text('value').notNull(),
  expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  ...timestamps()
}, (table) => [index('verification_identifier').on(table.identifier)])

/** The app's own tables begin here; `user_id` makes each row somebody's. */
export const tasks = pgTable('tasks', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' }),
  title: text('title').notNull(),
  done: boolean('done').notNull().default(false),
  ...timestamps()
}, (table) => [
  // Led by the owner, so that every scoped statement reads one slice of it, and newest first comes in order.
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
  foreignKey({ columns: [table.userId, table.projectId], foreignColumns: [projects.userId, projects.id] }).onDelete('cascade')
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
