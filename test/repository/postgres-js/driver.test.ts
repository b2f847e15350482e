import t from 'tap'
import { isPostgresJs } from '../../../lib/repository/postgres-js/driver.js'

t.test('a session is one of postgres by its client', async (t) => {
  t.ok(isPostgresJs({ client: Object.assign(() => {}, { unsafe: () => {}, file: () => {} }) }))
  t.notOk(isPostgresJs({ client: Object.assign(() => {}, { unsafe: () => {} }) }), 'Neon over HTTP')
  t.notOk(isPostgresJs({ client: { query: () => {} } }))
  t.notOk(isPostgresJs({ client: null }))
  t.notOk(isPostgresJs({}))
})
