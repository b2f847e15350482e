import type { SessionInternals } from './drizzle-internals.js'
import type { RowLevelSecurity } from './row-level-security.js'

// What `postgres` offers and other drivers do not: statements sent without waiting for the answer before.
interface Query extends PromiseLike<unknown> {
  execute (): Query
  values (): Query
}
type Unsafe = (text: string, params?: unknown[], options?: object) => Query
interface Reserved { unsafe: Unsafe, release (): void }
interface PostgresClient { reserve (): Promise<Reserved>, options: { prepare?: boolean } }
interface PostgresSession extends SessionInternals {
  client: PostgresClient
  dialect: unknown
  schema: unknown
  options: unknown
  constructor: new (client: unknown, dialect: unknown, schema: unknown, options: unknown) => SessionInternals
}

function isPostgresSession (session: object): session is PostgresSession {
  return 'client' in session && typeof (session.client as Partial<PostgresClient> | null)?.reserve === 'function'
}

/**
 * Runs one statement between `begin` and `commit` on one connection, all sent at once: one round trip. When one of them
 * fails, the commit rolls back.
 * @returns `undefined` when the driver cannot do it
 */
export function pipelined (session: SessionInternals, rowLevelSecurity: RowLevelSecurity, userId: string, run: (session: SessionInternals) => Promise<unknown>): Promise<unknown> | undefined {
  return isPostgresSession(session) ? onOneConnection(session, rowLevelSecurity, userId, run) : undefined
}

async function onOneConnection (session: PostgresSession, { setting, role }: RowLevelSecurity, userId: string, run: (session: SessionInternals) => Promise<unknown>): Promise<unknown> {
  const connection = await session.client.reserve()
  const { options } = session.client
  const around: Query[] = []
  let isSent = false
  // `postgres` sends on the next tick what is executed on this one, in order; the commit must follow the statement.
  const send = (statement: Query): Query => {
    isSent = true
    const executed = statement.execute()
    around.push(connection.unsafe('commit').execute())
    return executed
  }
  const client = {
    options,
    unsafe (text: string, params?: unknown[], settings?: object): PromiseLike<unknown> & { values (): PromiseLike<unknown> } {
      const query = connection.unsafe(text, params, { ...settings, simple: false })
      return { values: () => send(query.values()), then: (...handlers) => send(query).then(...handlers) }
    }
  }
  try {
    around.push(connection.unsafe('begin').execute())
    around.push(role === undefined
      ? connection.unsafe('select set_config($1, $2, true)', [setting, userId], { prepare: options.prepare }).execute()
      : connection.unsafe("select set_config($1, $2, true), set_config('role', $3, true)", [setting, userId, role], { prepare: options.prepare }).execute())
    const PostgresJsSession = session.constructor
    const [result] = await Promise.allSettled([run(new PostgresJsSession(client, session.dialect, session.schema, session.options))])
    // A statement that failed before it was sent, or that a cache has answered, brought no commit.
    if (!isSent) around.push(connection.unsafe('rollback').execute())
    const [failed] = (await Promise.allSettled(around)).filter((settled) => settled.status === 'rejected')
    if (result.status === 'rejected') throw result.reason
    if (failed !== undefined) throw failed.reason
    return result.value
  } finally {
    connection.release()
  }
}
