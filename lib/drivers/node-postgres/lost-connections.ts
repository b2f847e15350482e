import { isNodePostgres, type NodePostgresClient, type PoolClient } from './client.js'

const watched = new WeakSet<object>()

/**
 * Keeps a lost connection from ending the process. `pg` reports one as an `error` event, on the pool when it is idle
 * and on the connection itself when a transaction holds it; Node.js ends a process where nobody listens. The statement
 * under way, or the next one, is told by its own rejection. Other drivers have no such event.
 */
export function surviveLostConnections (client: NodePostgresClient): void {
  if (watched.has(client)) return
  watched.add(client)
  client.on('error', () => {})
  // A pool names the new connection; a single client says it of itself.
  client.on('connect', (connection) => { if (isNodePostgres(connection)) surviveLoss(connection) })
}

function surviveLoss (client: NodePostgresClient & Partial<PoolClient>): void {
  client.on('error', () => {})
  // Drizzle never gives back a connection whose `begin` has failed, and the pool would be one smaller for good.
  client.on('end', () => {
    try {
      client.release?.(true)
    } catch {
      // It was idle, and the pool has dropped it.
    }
    // Whoever still holds it gives it back later, and a second time is an error.
    client.release = () => {}
  })
}
