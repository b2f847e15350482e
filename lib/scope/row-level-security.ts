import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import { checkSetting, defaultSetting } from '../internal/user-setting.js'
import type { RowLevelSecurityOptions } from '../options.js'

/** How PostgreSQL's policies learn the user. */
export interface RowLevelSecurity { setting: string, role: string | undefined }

/** The statement that sets the user until the end of the transaction. */
export function settingUser ({ setting, role }: RowLevelSecurity, userId: string): { sql: string, params: string[] } {
  // The role last: it may be one that may not become another.
  return role === undefined
    ? { sql: 'select set_config($1, $2, true)', params: [setting, userId] }
    : { sql: "select set_config($1, $2, true), set_config('role', $3, true)", params: [setting, userId, role] }
}

/**
 * Reads the `rowLevelSecurity` option.
 * @throws {TypeError} for a setting that is not a custom one of PostgreSQL, or an empty role
 */
export function parseRowLevelSecurity (
  option: boolean | RowLevelSecurityOptions | undefined
): RowLevelSecurity | undefined {
  if (option === undefined || option === false) return undefined
  if (option !== true && (typeof option !== 'object' || option === null || Array.isArray(option))) {
    throw new TypeError('"rowLevelSecurity" must be true, false or { setting, role }')
  }
  const given: RowLevelSecurityOptions = option === true ? {} : option
  refuseUnknownKeys(given, ['setting', 'role'], { under: 'rowLevelSecurity' })
  const { setting = defaultSetting, role } = given
  checkSetting(setting)
  if (role !== undefined && (typeof role !== 'string' || role.trim() === '')) {
    throw new TypeError('"rowLevelSecurity.role" must be the name of a role')
  }
  return { setting, role }
}
