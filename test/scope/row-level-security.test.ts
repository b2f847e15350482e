import t from 'tap'
import { parseRowLevelSecurity, settingCaller } from '../../lib/scope/row-level-security.js'

t.test('the option is read, and refused where it would mean nothing', async (t) => {
  t.equal(parseRowLevelSecurity(undefined), undefined)
  t.equal(parseRowLevelSecurity(false), undefined)
  t.strictSame(parseRowLevelSecurity(true), { setting: 'app.user_id', role: undefined })
  t.strictSame(parseRowLevelSecurity({ role: 'app', setting: 'my.user' }), { setting: 'my.user', role: 'app' })
  t.throws(() => parseRowLevelSecurity({ seting: 'x' } as never), { name: 'TypeError', message: '"rowLevelSecurity.seting" is not an option; they are setting, role. Did you mean "setting"?' })
  for (const option of [null, 'app.user_id', 1, []]) t.throws(() => parseRowLevelSecurity(option as never), { name: 'TypeError', message: '"rowLevelSecurity" must be true, false or { setting, role }' })
  for (const setting of ['user_id', 'app.', 7]) t.throws(() => parseRowLevelSecurity({ setting: setting as string }), { name: 'TypeError' })
  for (const role of ['', ' ', 7]) t.throws(() => parseRowLevelSecurity({ role: role as string }), TypeError)
})

t.test('the user is told as a value, until the end of the transaction, and the role after it', async (t) => {
  const hostile = "x', false); drop table tasks; --"
  t.strictSame(settingCaller({ setting: 'app.user_id', role: undefined }, { user: hostile, organization: null }), { sql: 'select set_config($1, $2, true)', params: ['app.user_id', hostile] })
  t.strictSame(settingCaller({ setting: 'my.user', role: 'app' }, { user: 'ada', organization: null }), { sql: "select set_config($1, $2, true), set_config('role', $3, true)", params: ['my.user', 'ada', 'app'] })
})

t.test('the organization is told in the same statement, and without one its setting is emptied', async (t) => {
  const security = { setting: 'app.user_id', organizationSetting: 'app.org_id', role: undefined }
  const sql = 'select set_config($1, $2, true), set_config($3, $4, true)'
  t.strictSame(settingCaller(security, { user: 'ada', organization: 'one' }), { sql, params: ['app.user_id', 'ada', 'app.org_id', 'one'] })
  t.strictSame(settingCaller(security, { user: 'ada', organization: null }), { sql, params: ['app.user_id', 'ada', 'app.org_id', ''] })
  t.strictSame(settingCaller({ ...security, role: 'app' }, { user: 'ada', organization: 'one' }), {
    sql: `${sql}, set_config('role', $5, true)`, params: ['app.user_id', 'ada', 'app.org_id', 'one', 'app']
  })
})
