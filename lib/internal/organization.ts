import { is } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import type { OrganizationOptions } from '../options.js'
import { refuseUnknownKeys } from './unknown-keys.js'
import { checkSetting } from './user-setting.js'

/** Whose rows a request may touch: a user, and the organization that is active. */
export interface Caller {
  userId: string
  /** `null` without an active organization, or without the `organization` option. */
  organizationId: string | null
}

/** The `organization` option, checked, with its defaults. */
export interface Organization {
  claim: string
  column: string
  params: readonly string[]
  setting: string
  authored: readonly PgTable[]
}

/** The setting in which policies find the active organization where none is named. */
export const defaultOrganizationSetting = 'app.org_id'

const names = ['claim', 'column', 'params', 'setting', 'authored']

/**
 * Reads the `organization` option.
 * @returns `undefined` where it is left out or `false`
 * @throws {TypeError} naming the part of it that is wrong, and what it takes
 */
export function parseOrganization (option: boolean | OrganizationOptions | undefined): Organization | undefined {
  if (option === undefined || option === false) return undefined
  if (option !== true && (typeof option !== 'object' || option === null || Array.isArray(option))) {
    throw new TypeError(`"organization" must be true, false or an object with ${names.join(', ')}`)
  }
  const given: OrganizationOptions = option === true ? {} : option
  refuseUnknownKeys(given, names, { under: 'organization' })
  const {
    claim = 'org_id', column = 'org_id', params = ['org_id', 'orgId'], setting = defaultOrganizationSetting,
    authored = []
  } = given
  for (const [name, value] of Object.entries({ claim, column })) {
    if (typeof value !== 'string' || value.trim() === '') {
      throw new TypeError(`"organization.${name}" must be the name of a ${name}, such as "org_id"`)
    }
  }
  if (params !== false && !(Array.isArray(params) && params.every(isName))) {
    throw new TypeError(
      '"organization.params" must be false, or a list of route parameters that must equal the active organization'
    )
  }
  checkSetting(setting, 'organization.setting', defaultOrganizationSetting)
  if (!Array.isArray(authored) || !authored.every((table) => is(table, PgTable))) {
    throw new TypeError('"organization.authored" must be a list of tables of the Drizzle schema, not of their names')
  }
  // Copies: the app may go on to change its lists.
  return { claim, column, params: params === false ? [] : [...params], setting, authored: [...authored] }
}

function isName (name: unknown): boolean {
  return typeof name === 'string' && name.trim() !== ''
}
