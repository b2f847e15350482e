import t from 'tap'
import type { ScopeOptions } from '../../lib/options.js'
import { checkScopeNames, checkScopeWithoutDatabase, isSameScope, parseScopeOptions } from '../../lib/scope/scope-options.js'
import { categories, notes, titles } from '../fixtures/task-schema.js'

t.test('what is left out has its default', async (t) => {
  const defaults = { ownerColumn: 'user_id', organization: undefined, sharedTables: [], rowLevelSecurity: undefined, schema: undefined }
  for (const options of [undefined, {}, { ownerColumn: 'user_id', sharedTables: [], rowLevelSecurity: false }]) t.strictSame(parseScopeOptions(options), defaults)
  t.strictSame(parseScopeOptions({ rowLevelSecurity: true }), { ...defaults, rowLevelSecurity: { setting: 'app.user_id', role: undefined } })
  const ownerColumn = () => undefined
  t.strictSame(parseScopeOptions({ ownerColumn, rowLevelSecurity: { role: 'app' } }), { ...defaults, ownerColumn, rowLevelSecurity: { setting: 'app.user_id', role: 'app' } })
})

t.test('options of the wrong kind are refused with what they take', async (t) => {
  for (const ownerColumn of ['', 5, null, notes.userId]) t.throws(() => parseScopeOptions({ ownerColumn: ownerColumn as never }), { name: 'TypeError', message: /^"ownerColumn" must be the name of a column/ })
  for (const sharedTables of ['categories', ['categories'], [undefined], null]) t.throws(() => parseScopeOptions({ sharedTables: sharedTables as never }), { name: 'TypeError', message: /^"sharedTables" must be a list of tables or views/ })
  for (const schema of [null, 'schema', {}, { notes: 'notes' }]) t.throws(() => parseScopeOptions({ schema: schema as never }), { name: 'TypeError', message: /^"schema" must be the module/ })
  t.throws(() => parseScopeOptions({ rowLevelSecurity: null as never }), { name: 'TypeError', message: /^"rowLevelSecurity" must be/ })
})

t.test('the list of shared tables is the one that was checked, whatever becomes of the app\'s', async (t) => {
  const sharedTables = [categories]
  const parsed = parseScopeOptions({ sharedTables })
  sharedTables.push(titles as never)
  t.strictSame(parsed.sharedTables, [categories])
})

t.test('scopes are the same by what their options mean', async (t) => {
  const same = (one: ScopeOptions, other: ScopeOptions) => isSameScope(parseScopeOptions(one), parseScopeOptions(other))
  t.ok(same({}, { ownerColumn: 'user_id', sharedTables: [], rowLevelSecurity: false }))
  t.ok(same({ organization: true }, { organization: { column: 'org_id', claim: 'other', params: false } }), 'claims and parameters are no part of a scope')
  t.ok(same({ organization: { authored: [notes] } }, { organization: { authored: [notes] } }))
  t.notOk(same({ organization: true }, { organization: { setting: 'a.b' } }))
  t.ok(same({ rowLevelSecurity: true }, { rowLevelSecurity: { setting: 'app.user_id' } }))
  t.ok(same({ rowLevelSecurity: { setting: 'a.b', role: 'app' } }, { rowLevelSecurity: { role: 'app', setting: 'a.b' } }))
  t.ok(same({ sharedTables: [categories, titles] }, { sharedTables: [categories, titles] }))
  const others: ScopeOptions[] = [
    { ownerColumn: 'owner' }, { ownerColumn: () => undefined }, { sharedTables: [categories] }, { sharedTables: [titles] }, { sharedTables: [categories, titles] },
    { organization: true }, { organization: { column: 'tenant' } }, { organization: { authored: [notes] } },
    { schema: { notes } }, { rowLevelSecurity: true }, { rowLevelSecurity: { setting: 'my.user' } }, { rowLevelSecurity: { role: 'app' } }
  ]
  for (const [index, one] of others.entries()) {
    t.notOk(same({}, one))
    for (const other of others.slice(index + 1)) t.notOk(same(one, other), `${JSON.stringify(Object.keys(one))} ${JSON.stringify(Object.keys(other))}`)
  }
})

t.test('two owners need a column each, and a setting each', async (t) => {
  t.throws(() => parseScopeOptions({ ownerColumn: 'org_id', organization: true }), { name: 'TypeError', message: /^"ownerColumn" and "organization.column" are both "org_id"/ })
  t.throws(() => parseScopeOptions({ organization: { setting: 'app.user_id' }, rowLevelSecurity: true }), { name: 'TypeError', message: /are both "app.user_id"/ })
  t.match(parseScopeOptions({ organization: true, rowLevelSecurity: true }), { organization: { column: 'org_id' }, rowLevelSecurity: { setting: 'app.user_id', organizationSetting: 'app.org_id' } })
})

t.test('a name that is no option is refused', async (t) => {
  t.doesNotThrow(() => checkScopeNames({ ownerColumn: 'x', sharedTables: [], rowLevelSecurity: false }))
  for (const name of ['ownerColum', 'db', 'toString']) t.throws(() => checkScopeNames({ [name]: 1 }), { name: 'TypeError', message: new RegExp(`^"${name}" is not an option of userScope`) })
  for (const options of [null, 5, []]) t.throws(() => checkScopeNames(options), { name: 'TypeError', message: /^The options of userScope/ })
})

t.test('without a database the options have nothing to be about', async (t) => {
  for (const name of ['ownerColumn', 'sharedTables', 'rowLevelSecurity']) t.throws(() => checkScopeWithoutDatabase({ [name]: null }), { name: 'TypeError', message: new RegExp(`^"${name}" needs the "db" option`) })
  t.doesNotThrow(() => checkScopeWithoutDatabase({ rowLevelSecurity: false }))
  t.doesNotThrow(() => checkScopeWithoutDatabase({ organization: true }), 'tokens and routes have organizations too')
})
