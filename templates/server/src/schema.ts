import { index, pgTable, text, uuid } from 'drizzle-orm/pg-core'
import { timestamps } from 'fastify-auth-integration'
import { user } from './auth-schema.ts'

export * from './auth-schema.ts'

// A row belongs to the user in user_id. The index begins with the owner, as every scoped query does.
export const tasks = pgTable('tasks', {
  id: uuid('id').primaryKey().defaultRandom(),
  userId: text('user_id').notNull().references(() => user.id, { onDelete: 'cascade' }),
  title: text('title').notNull(),
  ...timestamps()
}, (table) => [index('tasks_user_id').on(table.userId, table.id)])
