/** What the command line got wrong; the process ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A `TypeError` of the plugin's own rules is a sentence for whoever called. */
export function asUsage<T> (judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message, { cause: error }) : error
  }
}
