import type { PreparedQuery } from '../drizzle-internals.js'
import { isNodePostgres, isPool, type NodePostgresPool } from './driver.js'

/** A statement by its text and values, and the name it is prepared under. */
interface Statement { sql: string, params: unknown[], name: string | undefined }

/** The pool behind a session; `undefined` for other drivers, and inside of a transaction. */
export function nodePostgresPoolOf (session: object): NodePostgresPool | undefined {
  return 'client' in session && isNodePostgres(session.client) && isPool(session.client) ? session.client : undefined
}

/**
 * Runs a statement in a transaction that begins with another one. As Drizzle's own transactions, without building and
 * rendering `begin` and `commit` anew each time.
 */
export async function inShortTransaction (pool: NodePostgresPool, first: Statement, prepared: PreparedQuery, values?: Record<string, unknown>): Promise<unknown> {
  const connection = await pool.connect()
  let isBroken = false
  try {
    await connection.query('begin')
    await connection.query({ name: first.name, text: first.sql, values: first.params })
    const answer = await Object.assign(prepared, { client: connection }).execute(values)
    await connection.query('commit')
    return answer
  } catch (error) {
    await connection.query('rollback').catch(() => { isBroken = true })
    throw error
  } finally {
    connection.release(isBroken)
  }
}
