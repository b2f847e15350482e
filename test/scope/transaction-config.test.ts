import t from 'tap'
import { errors } from '../../lib/errors.js'
import { checkTransactionConfig } from '../../lib/scope/transaction-config.js'

t.test('what PostgreSQL knows passes as a copy', async (t) => {
  const config = { isolationLevel: 'serializable', accessMode: 'read only', deferrable: false, other: undefined }
  const checked = checkTransactionConfig(config)
  t.same(checked, config)
  t.not(checked, config)
  for (const isolationLevel of ['read uncommitted', 'read committed', 'repeatable read']) t.doesNotThrow(() => checkTransactionConfig({ isolationLevel, accessMode: 'read write', deferrable: true }))
})

t.test('another value or setting is refused by name', async (t) => {
  t.throws(() => checkTransactionConfig({ isolationLevel: 'serializable; drop table x' }), { code: 'FAI_UNSUPPORTED', message: '"isolationLevel" of a transaction is one of read uncommitted, read committed, repeatable read, serializable' })
  t.throws(() => checkTransactionConfig({ accessMode: null }), errors.Unsupported)
  t.throws(() => checkTransactionConfig({ deferrable: 'true' }), errors.Unsupported)
  t.throws(() => checkTransactionConfig({ toString: 'x' }), { message: '"toString" is not an option of transaction(); they are isolationLevel, accessMode, deferrable.' })
})
