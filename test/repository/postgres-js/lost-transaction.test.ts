import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { withholdWhenLost } from '../../../lib/repository/postgres-js/lost-transaction.js'

/** What has become of a promise after everything that was ready has run. */
async function outcome (promise: Promise<unknown>): Promise<string> {
  let seen = 'withheld'
  promise.then(() => { seen = 'resolved' }, () => { seen = 'rejected' })
  for (let turn = 0; turn < 3; turn++) await setImmediate()
  return seen
}

const failing = (error: object) => async () => { throw error }

t.test('while the connection stands, the driver hears how the callback ended', async (t) => {
  const state = { ended: false, lost: false, around: undefined }
  t.equal(await withholdWhenLost(state, async () => 'done'), 'done')
  await t.rejects(withholdWhenLost(state, failing(new Error('the app\'s'))), { message: 'the app\'s' })
})

t.test('postgres.js does not roll back or commit on a connection that is gone', async (t) => {
  const state = { ended: true, lost: true, around: undefined }
  t.equal(await outcome(withholdWhenLost(state, async () => 'done')), 'withheld')
  t.equal(await outcome(withholdWhenLost(state, failing(new Error('CONNECTION_CLOSED')))), 'withheld')
})

t.test('nor on one that PostgreSQL is about to close, or that is noticed a moment later', async (t) => {
  const standing = { ended: false, lost: false, around: undefined }
  t.equal(await outcome(withholdWhenLost(standing, failing(Object.assign(new Error('shut down'), { severity: 'FATAL' })))), 'withheld')
  t.equal(await outcome(withholdWhenLost(standing, failing(new Error('Failed query', { cause: { severity: 'FATAL' } })))), 'withheld')
  const late = { ended: false, lost: false, around: undefined }
  const lost = withholdWhenLost(late, failing(new Error('CONNECTION_CLOSED')))
  late.lost = true
  t.equal(await outcome(lost), 'withheld')
})
