import type { PreparedQuery } from '../drizzle/contract.js'

/** Whoever may run the statements that a session prepares by `prepare()`. */
export interface StatementHolder {
  /** One was prepared, to be run later. */
  prepared (): void
  /** @throws errors.KeptStatement when somebody else is about to run one */
  assertRunning (): void
}

type Run = (...values: unknown[]) => Promise<unknown>

/** Lets a prepared statement be run by its holder alone. */
export function hold (prepared: PreparedQuery, holder: StatementHolder): void {
  holder.prepared()
  const ways = prepared as unknown as Record<string, Run | undefined>
  // `all` is of some drivers: the same statement with the driver's own rows.
  for (const way of ['execute', 'all']) {
    const run = ways[way]?.bind(prepared)
    if (run === undefined) continue
    ways[way] = async (...values) => {
      holder.assertRunning()
      return await run(...values)
    }
  }
}
