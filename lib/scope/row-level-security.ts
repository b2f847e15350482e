import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import { checkSetting, defaultSetting } from '../internal/user-setting.js'
import type { RowLevelSecurityOptions } from '../options.js'
import type { CallerValues } from './parameters.js'

/** How PostgreSQL's policies learn the caller. */
export interface RowLevelSecurity {
  setting: string
  /** Where they find the active organization; `undefined` without the `organization` option. */
  organizationSetting?: string | undefined
  role: string | undefined
}

/**
 * The statement that sets the caller until the end of the transaction. Without an active organization its setting is
 * empty, whatever the connection has there.
 */
export function settingCaller (
  { setting, organizationSetting, role }: RowLevelSecurity, { user, organization }: CallerValues
): { sql: string, params: string[] } {
  const settings = [[setting, user]]
  if (organizationSetting !== undefined) settings.push([organizationSetting, organization ?? ''])
  const params = settings.flat()
  const calls = settings.map((_setting, index) => `set_config($${2 * index + 1}, $${2 * index + 2}, true)`)
  // The role last: it may be one that may not become another.
  if (role !== undefined) calls.push(`set_config('role', $${params.push(role)}, true)`)
  return { sql: `select ${calls.join(', ')}`, params }
}

/**
 * Reads the `rowLevelSecurity` option.
 * @param organizationSetting that of the `organization` option
 * @throws {TypeError} for a setting that is not a custom one of PostgreSQL, or an empty role
 */
export function parseRowLevelSecurity (
  option: boolean | RowLevelSecurityOptions | undefined, organizationSetting?: string
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
  if (setting === organizationSetting) {
    throw new TypeError(
      `"rowLevelSecurity.setting" and "organization.setting" are both "${setting}": the user and the organization ` +
      'need a setting each'
    )
  }
  return { setting, role, ...organizationSetting !== undefined && { organizationSetting } }
}
