import { getTableName, is, sql } from 'drizzle-orm'
import { pgPolicy, PgTable, type PgColumn } from 'drizzle-orm/pg-core'
import { qualified } from '../internal/sql-names.js'
import { checkSetting, defaultSetting } from '../internal/user-setting.js'
import { castTypeOf, sqlTypeOf } from '../drizzle/cast-types.js'
import { columnsOf, tableFacts } from '../drizzle/tables.js'

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
  // After a transaction a custom setting reads '' and not NULL.
  const user = sql.raw(`nullif(current_setting('${setting}', true), '')`)
  const real = realColumn(column)
  const isOwn = isText(real) ? sql`${column} = ${user}` : sql`${column} = ${user}::${castTypeOf(real)}`
  return pgPolicy('user_isolation', { as: 'permissive', for: 'all', to: 'public', using: isOwn, withCheck: isOwn })
}

// In the third argument of pgTable a column has no type of its own yet, its table has.
function realColumn (column: PgColumn): PgColumn {
  return Object.values(columnsOf(column.table as PgTable)).find(({ name }) => name === column.name)!
}

// A setting is text already.
function isText (column: PgColumn): boolean {
  return /^(?:text|varchar)\b(?!.*\[)/.test(sqlTypeOf(column))
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
