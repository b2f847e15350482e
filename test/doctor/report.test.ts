import t from 'tap'
import type { Finding } from '../../lib/doctor/check.js'
import { asJson, asTable } from '../../lib/doctor/report.js'

const warning: Finding = {
  check: 'owner-index',
  severity: 'warning',
  place: 'a.user_id',
  problem: 'No index',
  why: 'Slow.',
  sql: 'create index on a (user_id);',
  edit: 'Add index().'
}
const error: Finding = {
  check: 'secret',
  severity: 'error',
  place: 'BETTER_AUTH_SECRET',
  problem: 'Too short',
  why: 'Guessable.'
}
const checked = ['the environment']

t.test('the table has errors first, and each remedy on a line to copy', async (t) => {
  t.equal(
    asTable({ checked, findings: [warning, error] }),
    `Checked the environment

SEVERITY  PLACE               FINDING

ERROR     BETTER_AUTH_SECRET  Too short
          why:   Guessable.
          check: secret

WARNING   a.user_id           No index
          why:   Slow.
          sql:   create index on a (user_id);
          edit:  Add index().
          check: owner-index

1 error, 1 warning.
`
  )
  t.equal(asTable({ checked, findings: [] }), 'Checked the environment\n\nNo findings.\n')
})

t.test('a name with a line break or an escape sequence cannot draw on the terminal', async (t) => {
  const text = asTable({ checked, findings: [{ ...error, place: 'evil\n\u001b[2J\u202e' }] })
  t.notOk(text.includes('\u001b') || text.includes('\u202e'))
  t.match(text, /evil \\u001b\[2J\\u202e/)
})

t.test('JSON has the counts, what was checked and the findings', async (t) => {
  t.match(JSON.parse(asJson({ checked, findings: [warning, error] })), {
    errors: 1,
    warnings: 1,
    checked,
    findings: [error, warning]
  })
})
