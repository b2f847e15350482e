import { is, View } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { parseOrganization, type Organization } from '../internal/organization.js'
import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import type { ScopeOptions, SharedTable } from '../options.js'
import { parseRowLevelSecurity, type RowLevelSecurity } from './row-level-security.js'

const names = {
  ownerColumn: true, organization: true, sharedTables: true, rowLevelSecurity: true, schema: true
} satisfies Record<keyof ScopeOptions, true>

/** The options of a scope, checked, with their defaults. */
export interface ParsedScopeOptions {
  ownerColumn: NonNullable<ScopeOptions['ownerColumn']>
  organization: Organization | undefined
  sharedTables: readonly SharedTable[]
  rowLevelSecurity: RowLevelSecurity | undefined
  schema: Record<string, unknown> | undefined
}

/**
 * Reads the options that say what requests may touch.
 * @throws {TypeError} naming the option and what it takes
 */
export function parseScopeOptions (
  { ownerColumn = 'user_id', organization, sharedTables = [], rowLevelSecurity, schema }: ScopeOptions = {}
): ParsedScopeOptions {
  if (typeof ownerColumn !== 'function' && (typeof ownerColumn !== 'string' || ownerColumn.trim() === '')) {
    throw new TypeError(
      '"ownerColumn" must be the name of a column in the database, such as "user_id", or a function (table) that ' +
      'answers the column'
    )
  }
  if (!Array.isArray(sharedTables) || !sharedTables.every((table) => is(table, PgTable) || is(table, View))) {
    throw new TypeError('"sharedTables" must be a list of tables or views of the Drizzle schema, not of their names')
  }
  const isSchema = typeof schema === 'object' && schema !== null &&
    Object.values(schema).some((table) => is(table, PgTable))
  if (schema !== undefined && !isSchema) {
    throw new TypeError('"schema" must be the module of the Drizzle schema: import * as schema from it')
  }
  const organizations = parseOrganization(organization)
  if (organizations?.column === ownerColumn) {
    throw new TypeError(`"ownerColumn" and "organization.column" are both "${ownerColumn}": a column has one owner`)
  }
  // A copy: the app may go on to change its list.
  return {
    ownerColumn,
    organization: organizations,
    sharedTables: [...sharedTables],
    rowLevelSecurity: parseRowLevelSecurity(rowLevelSecurity, organizations?.setting),
    schema
  }
}

/** Whether two scopes are the same, however their options were written: `true` and `{ setting: 'app.user_id' }` are. */
export function isSameScope (one: ParsedScopeOptions, other: ParsedScopeOptions): boolean {
  return one.ownerColumn === other.ownerColumn && one.schema === other.schema &&
    one.sharedTables.length === other.sharedTables.length &&
    one.sharedTables.every((table, index) => table === other.sharedTables[index]) &&
    isSameOrganization(one.organization, other.organization) &&
    one.rowLevelSecurity?.setting === other.rowLevelSecurity?.setting &&
    one.rowLevelSecurity?.role === other.rowLevelSecurity?.role
}

function isSameOrganization (one: Organization | undefined, other: Organization | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return one.column === other.column && one.setting === other.setting &&
    one.authored.length === other.authored.length &&
    one.authored.every((table, index) => table === other.authored[index])
}

/**
 * Refuses what is no object of options, and an option that does not exist: `ownerColum` would leave the default in
 * force.
 * @throws {TypeError} naming it
 */
export function checkScopeNames (options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`The options of userScope() are an object with ${Object.keys(names).join(', ')}, or left out`)
  }
  refuseUnknownKeys(options, Object.keys(names), { of: 'userScope()' })
}

/**
 * A protection that was asked for and is not there would be believed in.
 * @throws {TypeError} for an option that says what requests may touch where there is no `db` to touch
 */
export function checkScopeWithoutDatabase (options: ScopeOptions): void {
  for (const name of Object.keys(names) as Array<keyof ScopeOptions>) {
    // Tokens and routes have organizations too.
    if (name === 'organization' || options[name] === undefined || options[name] === false) continue
    throw new TypeError(`"${name}" needs the "db" option: give the Drizzle database that it is about`)
  }
}
