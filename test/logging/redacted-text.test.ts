import t from 'tap'
import { redactText } from '../../lib/logging/redacted-text.js'

t.test('several secrets of several kinds in one text are all found', async (t) => {
  t.equal(redactText('GET /reset-password/hunter2?a=1&token=hunter2 as Bearer hunter2\nparams: hunter2'),
    'GET /reset-password/[redacted]?a=1&token=[redacted] as Bearer [redacted]\nparams: [redacted]')
})

t.test('a challenge names no token', async (t) => {
  for (const text of ['Bearer error="invalid_token"', 'Bearer resource_metadata="https://a.example/x"', 'Bearer']) t.equal(redactText(text), text)
})
