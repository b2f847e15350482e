import { getTableName, is } from 'drizzle-orm'
import { pgPolicy, PgTable, type PgColumn } from 'drizzle-orm/pg-core'
import { qualified } from '../internal/sql-names.js'
import { checkSetting, defaultSetting } from '../internal/user-setting.js'
import { tableFacts } from '../drizzle/tables.js'
import { holdsSetting } from './owner-condition.js'

/**
 * The policy for `pgTable` that shows and takes only the user's rows; drizzle-kit writes its SQL, and that of
 * `enable row level security`. Where the setting is missing or empty, no row is seen.
 * @param column the owner column
 * @param options.setting as in `rowLevelSecurity`. Default `'app.user_id'`
 * @throws {TypeError} for a setting that is not a custom one of PostgreSQL
 * @example
 * ```ts
 * import { pgTable, text } from 'drizzle-orm/pg-core'
 * import { userIsolationPolicy } from 'fastify-auth-integration'
 *
 * const tasks = pgTable('tasks', { userId: text('user_id').notNull() }, (table) => [userIsolationPolicy(table.userId)])
 * ```
 */
export function userIsolationPolicy (column: PgColumn, { setting = defaultSetting }: { setting?: string } = {}) {
  checkSetting(setting)
  const isOwn = holdsSetting(column, setting)
  return pgPolicy('user_isolation', { as: 'permissive', for: 'all', to: 'public', using: isOwn, withCheck: isOwn })
}

/**
 * The statement drizzle-kit cannot write: policies bind a table's owner only with it.
 * @example
 * ```ts
 * import { forceRowLevelSecurity } from 'fastify-auth-integration'
 *
 * forceRowLevelSecurity(tasks) // alter table "tasks" force row level security;
 * ```
 */
export function forceRowLevelSecurity (table: PgTable): string {
  if (!is(table, PgTable)) throw new TypeError('forceRowLevelSecurity takes a table')
  const { schema } = tableFacts(table)
  return `alter table ${qualified(schema, getTableName(table))} force row level security;`
}
