const integration = [
  'scope', 'repository', 'schema', 'drivers', 'isolation.test.ts', 'non-interference.test.ts', 'oracles.test.ts', 'drivers.test.ts',
  'row-level-security.test.ts', 'replicas.test.ts', 'partitions.test.ts', 'stale-plans.test.ts', 'short-transactions.test.ts',
  'unsendable-values.test.ts', 'explain.test.ts', 'driver-classes.test.ts', 'register.test.ts', 'cannot-coerce.test.ts', 'pgbouncer.test.ts'
]

/** What runs on Drizzle 1.x. */
export const files = [
  'test/drizzle-1', 'test/drizzle', 'test/scope', 'test/repository', 'test/schema', 'test/drivers',
  ...integration.map((name) => `test/integration/${name}`)
]
