import { isPostgresJs } from './driver.js'

/**
 * Commits a transaction of `postgres`, and begins an empty one for the driver to end; other drivers commit by themselves. This driver's own
 * `commit` is a prepared statement: one that the server has forgotten fails, which undoes the transaction, and is repeated, which PostgreSQL
 * answers with `ROLLBACK`. The driver takes that for success.
 * @throws {Error} when nothing was committed; as a serialisation failure, code 40001, since the same request can go through
 */
export async function commit (session: object): Promise<void> {
  if (!isPostgresJs(session)) return
  const { command } = await session.client.unsafe('commit and chain') as { command: string }
  if (command !== 'COMMIT') throw Object.assign(new Error('The transaction was undone'), { code: '40001' })
}
