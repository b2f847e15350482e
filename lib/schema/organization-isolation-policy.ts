import { sql } from 'drizzle-orm'
import { pgPolicy, type PgColumn } from 'drizzle-orm/pg-core'
import { defaultOrganizationSetting } from '../internal/organization.js'
import { checkSetting, defaultSetting } from '../internal/user-setting.js'
import { holdsSetting } from './owner-condition.js'

/** Options of {@link organizationIsolationPolicy}. */
export interface OrganizationPolicyOptions {
  /** As in `organization`. Default `'app.org_id'`. */
  setting?: string
  /** The user's column, of a table where both owners must match. Default none. */
  user?: PgColumn
  /** As in `rowLevelSecurity`. Default `'app.user_id'`. */
  userSetting?: string
}

/**
 * The policy for `pgTable` that shows and takes only rows of the active organization; of a table with both owners, only
 * those that are the user's too. One policy for both, since PostgreSQL lets a row pass that any of several policies
 * lets pass.
 * @param column the organization's column
 * @throws {TypeError} for a setting that is not a custom one of PostgreSQL
 * @example
 * ```ts
 * import { pgTable, text } from 'drizzle-orm/pg-core'
 * import { organizationIsolationPolicy } from 'fastify-auth-integration'
 *
 * const issues = pgTable('issues', { orgId: text('org_id').notNull() }, (table) => [
 *   organizationIsolationPolicy(table.orgId)
 * ])
 * const drafts = pgTable('drafts', { orgId: text('org_id').notNull(), userId: text('user_id').notNull() }, (table) => [
 *   organizationIsolationPolicy(table.orgId, { user: table.userId })
 * ])
 * ```
 */
export function organizationIsolationPolicy (
  column: PgColumn,
  { setting = defaultOrganizationSetting, user, userSetting = defaultSetting }: OrganizationPolicyOptions = {}
) {
  checkSetting(setting, 'setting', defaultOrganizationSetting)
  checkSetting(userSetting, 'userSetting')
  if (setting === userSetting) {
    throw new TypeError(`"setting" and "userSetting" are both "${setting}": the two ids need a setting each`)
  }
  const ofOrganization = holdsSetting(column, setting)
  const isOwn = user === undefined ? ofOrganization : sql`${ofOrganization} and ${holdsSetting(user, userSetting)}`
  return pgPolicy(
    'organization_isolation', { as: 'permissive', for: 'all', to: 'public', using: isOwn, withCheck: isOwn }
  )
}
