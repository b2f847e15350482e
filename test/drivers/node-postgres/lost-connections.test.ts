import { EventEmitter } from 'node:events'
import t from 'tap'
import { surviveLostConnections } from '../../../lib/drivers/node-postgres/lost-connections.js'

const pool = () => Object.assign(new EventEmitter(), { query: async () => {} })

t.test('an error of a pool, or of a connection of it, does not end the process', async (t) => {
  const [client, connection] = [pool(), pool()]
  surviveLostConnections(client)
  client.emit('connect', connection)
  t.doesNotThrow(() => client.emit('error', new Error('idle connection lost')))
  t.doesNotThrow(() => connection.emit('error', new Error('connection lost in a transaction')))
})

t.test('a connection that ends while somebody holds it is given back once, and an idle one is left to the pool', async (t) => {
  const client = pool()
  surviveLostConnections(client)
  const removed: unknown[] = []
  const held = Object.assign(pool(), { release: (remove?: boolean) => { removed.push(remove) } })
  const idle = Object.assign(pool(), { release: () => { throw new Error('already released') } })
  for (const connection of [held, idle]) {
    client.emit('connect', connection)
    t.doesNotThrow(() => connection.emit('end'))
    t.doesNotThrow(() => connection.release())
  }
  t.strictSame(removed, [true])
})

t.test('a pool is listened to once, whatever number of scopes it has', async (t) => {
  const client = pool()
  surviveLostConnections(client)
  surviveLostConnections(client)
  t.equal(client.listenerCount('error'), 1)
  t.doesNotThrow(() => client.emit('connect'), 'a single client says that it is connected without naming one')
})
