import { betterAuthTable, coreTables } from '../better-auth-shapes.js'
import type { Check } from '../examined.js'

const make = 'npx @better-auth/cli generate, then drizzle-kit generate and drizzle-kit migrate'

/** Better Auth's tables are not there, or lack its columns. */
export const betterAuthTables: Check = ({ declared, found, jwks }) => {
  const tables = found ?? declared
  if (tables === undefined) return []
  const known = new Set(tables.map(betterAuthTable))
  const missing = coreTables.filter((name) => !known.has(name))
  if (missing.length === 0) return []
  if (missing.length === coreTables.length) {
    // With a key set the issuer is usually another server with another database.
    if (jwks !== undefined) return []
    return [{
      check: 'better-auth-tables',
      severity: 'warning',
      place: found === undefined ? 'schema' : 'database',
      problem: `None of Better Auth's tables is here: ${coreTables.join(', ')}`,
      why: 'Where Better Auth uses this database, nobody can sign up or in.',
      edit: `${make}. Where the issuer has a database of its own, there is nothing to do; --jwks <url> says so.`
    }]
  }
  return missing.map((name) => ({
    check: 'better-auth-tables',
    severity: 'error',
    place: name,
    problem: `Better Auth's table "${name}" is not in the ${found === undefined ? 'schema' : 'database'}, or lacks its columns`,
    why: 'Better Auth refuses every request when one of its tables is missing.',
    edit: make
  }))
}
