import { betterAuthTables as modelsOf, coreTables } from '../better-auth-schema.js'
import type { Check } from '../check.js'

/** Some of Better Auth's tables are there, and others are not or lack its columns. */
export const betterAuthTables: Check = ({ declared, found }) => {
  const tables = found ?? declared ?? []
  const known = new Set(modelsOf(tables).values())
  // Without any of them the issuer has a database of its own.
  if (!coreTables.some((name) => known.has(name))) return []
  return coreTables
    .filter((name) => !known.has(name))
    .map((name) => ({
      check: 'better-auth-tables',
      severity: 'error',
      place: name,
      problem: `Better Auth's table "${name}" is not in the ${found === undefined ? 'schema' : 'database'}, or ` +
        'lacks its columns',
      why: 'Better Auth refuses every request when one of its tables is missing.',
      edit: 'npx @better-auth/cli generate, then npx drizzle-kit generate and npx drizzle-kit migrate'
    }))
}
