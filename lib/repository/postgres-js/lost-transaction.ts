import { setImmediate } from 'node:timers/promises'
import { rootCause } from '../../internal/root-cause.js'
import { never } from './driver.js'

/**
 * Runs the callback of a transaction. One that has lost its connection, or is about to, never ends: the loss itself has
 * rejected the transaction already.
 */
export async function withholdWhenLost<T> (state: { readonly lost: boolean }, callback: () => Promise<T>): Promise<T> {
  try {
    const result = await callback()
    return state.lost ? await never() : result
  } catch (error) {
    if (isFatal(error)) return await never()
    // The loss of the connection fails the statement first and the transaction a moment later.
    await setImmediate()
    if (state.lost) return await never()
    throw error
  }
}

// After a fatal error PostgreSQL closes the connection (PostgreSQL manual, section 54.2).
function isFatal (error: unknown): boolean {
  return rootCause(error).severity === 'FATAL'
}
