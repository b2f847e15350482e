/**
 * The names that samples in the documents use without saying where they come from: an app with the plugin,
 * its database and two tables. scripts/check-docs.js puts them in scope of every sample.
 */
import { pgTable, serial, text } from 'drizzle-orm/pg-core'
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { timestamps } from 'fastify-auth-integration'

export const tasksTable = pgTable('tasks', {
  id: serial().primaryKey(),
  userId: text('user_id').notNull(),
  title: text().notNull(),
  ...timestamps()
})

export const plansTable = pgTable('plans', {
  id: serial().primaryKey(),
  name: text().notNull()
})

declare global {
  const app: FastifyInstance
  const request: FastifyRequest
  const reply: FastifyReply
  const db: PostgresJsDatabase<{ tasks: typeof tasksTable, plans: typeof plansTable }>
  /** Owned: it has the owner column `user_id`. */
  const tasks: typeof tasksTable
  /** Shared: every user may read it. */
  const plans: typeof plansTable
}
