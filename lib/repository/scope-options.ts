import type { ScopeOptions } from '../options.js'
import { checkOwnership } from './owned-tables.js'
import { parseRowLevelSecurity } from './row-level-security.js'

const names = { ownerColumn: true, sharedTables: true, rowLevelSecurity: true } satisfies Record<keyof ScopeOptions, true>

/**
 * Looks at the values of the three options before anything is compared with them, or compiled from them.
 * @throws {TypeError} naming the option and what it takes
 */
export function checkScopeOptions (options: ScopeOptions): void {
  checkOwnership(options)
  parseRowLevelSecurity(options.rowLevelSecurity)
}

/**
 * Refuses what is no object of options, and an option that does not exist: `ownerColum` would leave the default in force.
 * @throws {TypeError} naming it
 */
export function checkScopeNames (options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`The options of userScope() are an object with ${Object.keys(names).join(', ')}, or left out`)
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(names, name)) throw new TypeError(`"${name}" is not an option of userScope(); they are ${Object.keys(names).join(', ')}`)
  }
}

/**
 * A protection that was asked for and is not there would be believed in.
 * @throws {TypeError} for an option that says what requests may touch where there is no `db` to touch
 */
export function checkScopeWithoutDatabase (options: ScopeOptions): void {
  for (const name of Object.keys(names) as Array<keyof ScopeOptions>) {
    if (options[name] === undefined || options[name] === false) continue
    throw new TypeError(`"${name}" needs the "db" option: give the Drizzle database that it is about`)
  }
}
