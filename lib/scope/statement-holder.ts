import type { PreparedQuery } from '../drizzle/contract.js'

/** Whoever may run the statements that a session prepares by `prepare()`. */
export interface StatementHolder {
  /** One was prepared, to be run later. */
  prepared (): void
  /** @throws errors.KeptStatement when somebody else is about to run one */
  assertRunning (): void
}

/** Lets a prepared statement be run by its holder alone. */
export function hold (prepared: PreparedQuery, holder: StatementHolder): void {
  holder.prepared()
  const execute = prepared.execute.bind(prepared)
  prepared.execute = async (...values) => {
    holder.assertRunning()
    return await execute(...values)
  }
}
