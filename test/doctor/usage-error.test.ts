import t from 'tap'
import { asUsage, UsageError } from '../../lib/doctor/usage-error.js'

t.test('a mistake by the plugin\'s own rules is one of the command line, in the same words', async (t) => {
  t.equal(asUsage(() => 5), 5)
  const cause = new TypeError('"ownerColumn" must be the name of a column')
  t.throws(() => asUsage(() => { throw cause }), { name: 'UsageError', message: cause.message, cause })
})

t.test('what is no mistake of the caller\'s stays what it is', async (t) => {
  const bug = new RangeError('a bug')
  const usage = new UsageError('--schema is empty')
  for (const error of [bug, usage]) t.throws(() => asUsage(() => { throw error }), error)
})
