import { timestamp } from 'drizzle-orm/pg-core'
import type { CreatedAt, UpdatedAt } from '../drizzle/version-types.js'

const now = (): Date => new Date()

/**
 * Columns `created_at` and `updated_at`, both `timestamp with time zone` and not null, set from `new Date()`;
 * `updated_at` on every update too. In the database both default to `now()`, for rows that SQL inserts.
 * @example
 * ```ts
 * import { pgTable, uuid } from 'drizzle-orm/pg-core'
 * import { timestamps } from 'fastify-auth-integration'
 *
 * const tasks = pgTable('tasks', { id: uuid().primaryKey(), ...timestamps() })
 * ```
 */
export function timestamps (): { createdAt: CreatedAt, updatedAt: UpdatedAt } {
  return {
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow().$defaultFn(now),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow().$defaultFn(now).$onUpdateFn(now)
  }
}
