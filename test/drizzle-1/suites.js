import { readdirSync } from 'node:fs'

/**
 * Files that say what 0.45 does, word by word: the text that it builds (1.x leaves out what a single table does not need), the order of
 * its arguments, its casing, its columns for arrays, its lists of texts. What they are about has tests of its own on 1.x.
 */
const of045 = new Set([
  'test/drizzle/pieces.test.ts', 'test/drizzle/row-mapper.test.ts',
  'test/drizzle/session.test.ts', 'test/drizzle/version.test.ts',
  'test/scope/dialect.test.ts', 'test/scope/encoded-values.test.ts', 'test/scope/session.test.ts', 'test/scope/written-values.test.ts',
  'test/repository/pagination.test.ts', 'test/repository/row-values.test.ts'
])

const units = ['test/drizzle', 'test/scope', 'test/repository', 'test/schema', 'test/drivers/postgres-js', 'test/drivers/node-postgres']
  .flatMap((folder) => readdirSync(new URL(`../../${folder}`, import.meta.url)).map((name) => `${folder}/${name}`))
  .filter((name) => name.endsWith('.test.ts') && !of045.has(name))

const integration = [
  'scope', 'repository', 'schema', 'drivers', 'isolation.test.ts', 'non-interference.test.ts', 'oracles.test.ts', 'drivers.test.ts',
  'row-level-security.test.ts', 'replicas.test.ts', 'partitions.test.ts', 'stale-plans.test.ts', 'short-transactions.test.ts',
  'kept-statements.test.ts', 'unsendable-values.test.ts', 'explain.test.ts', 'driver-classes.test.ts', 'register.test.ts', 'cannot-coerce.test.ts', 'pgbouncer.test.ts'
].map((name) => `test/integration/${name}`)

/** What runs on Drizzle 1.x. */
export const files = ['test/drizzle-1', ...units, ...integration]
