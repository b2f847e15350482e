import t from 'tap'
import { isStaleStatement } from '../../lib/internal/stale-statement.js'

t.test('a prepared statement that the server no longer knows, or whose plan is stale, is told from other errors', async (t) => {
  for (const error of [{ code: '26000' }, { code: '0A000', routine: 'RevalidateCachedQuery' }]) t.equal(isStaleStatement(error), true)
  for (const error of [{ code: '0A000' }, { code: '42601', routine: 'RevalidateCachedQuery' }, new Error('26000'), null, undefined, '26000']) {
    t.equal(isStaleStatement(error), false)
  }
})
