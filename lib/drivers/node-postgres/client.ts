// What is used of `pg`, and of drivers made after it such as @neondatabase/serverless, so that a new version is checked
// in one place (8.23).

/** A pool of connections, or a single connection. */
export interface NodePostgresClient {
  query (statement: string | { name: string | undefined, text: string, values: unknown[] }): Promise<unknown>
  on (event: string, listener: (value: unknown) => void): unknown
}

/** A connection in use. */
export interface PoolClient extends NodePostgresClient {
  /** @param remove whether the pool is to close it */
  release (remove?: boolean): void
}

/** A pool of connections. */
export interface NodePostgresPool extends NodePostgresClient {
  connect (): Promise<PoolClient>
  totalCount: number
}

/** Whether a client is one of `pg`, pool or not. */
export function isNodePostgres (client: unknown): client is NodePostgresClient {
  return typeof client === 'object' && client !== null && 'query' in client && 'on' in client &&
    typeof client.on === 'function'
}

/** Whether a client is a pool of `pg`. */
export function isPool (client: NodePostgresClient): client is NodePostgresPool {
  return 'totalCount' in client
}

/** Whether a client is one connection of `pg`, on which the transactions of several requests would be one. */
export function isSingleConnection (client: unknown): boolean {
  return isNodePostgres(client) && !isPool(client)
}
