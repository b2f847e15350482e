import { setImmediate } from 'node:timers/promises'

const never = new Promise<never>(() => {})

/**
 * Runs the callback of a transaction. `postgres` 3.4 sends its own rollback after a failed one, on a connection that may
 * be gone by then: that write throws where nobody can catch it and ends the process, and on a connection that has
 * come back it would reach another transaction (porsager/postgres#1208, #1216). A callback that never ends sends
 * nothing; the loss itself has rejected the transaction already.
 */
export async function withholdWhenLost<T> (state: { readonly lost: boolean }, callback: () => Promise<T>): Promise<T> {
  try {
    const result = await callback()
    return state.lost ? await never : result
  } catch (error) {
    if (isFatal(error)) return await never
    // The loss of the connection fails the statement first and the transaction a moment later.
    await setImmediate()
    if (state.lost) return await never
    throw error
  }
}

// After a fatal error PostgreSQL closes the connection (PostgreSQL manual, section 54.2).
function isFatal (error: unknown): boolean {
  const { severity } = ((error as { cause?: object } | null)?.cause ?? error ?? {}) as Record<string, unknown>
  return severity === 'FATAL'
}
