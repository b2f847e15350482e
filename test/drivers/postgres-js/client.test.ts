import { neon } from '@neondatabase/serverless'
import { drizzle } from 'drizzle-orm/neon-http'
import t from 'tap'
import { isPostgresJs } from '../../../lib/drivers/postgres-js/client.js'

t.test('a session is one of postgres by its client', async (t) => {
  t.ok(isPostgresJs({ client: Object.assign(() => {}, { unsafe: () => {} }) }))
  const { session } = drizzle(neon('postgres://user:password@db.example/app')) as unknown as { session: { client: { unsafe: unknown } } }
  t.type(session.client.unsafe, 'function')
  t.notOk(isPostgresJs(session), 'Neon over HTTP')
  t.notOk(isPostgresJs({ client: { query: () => {} } }))
  t.notOk(isPostgresJs({ client: null }))
  t.notOk(isPostgresJs({}))
})
