import t from 'tap'
import { checkScopeNames, checkScopeOptions, checkScopeWithoutDatabase } from '../../lib/repository/scope-options.js'

t.test('the values are looked at, each by the option\'s own rule', async (t) => {
  for (const options of [{}, { ownerColumn: 'owner', sharedTables: [], rowLevelSecurity: true }, { ownerColumn: () => undefined, rowLevelSecurity: { role: 'app' } }]) t.doesNotThrow(() => checkScopeOptions(options))
  for (const [name, value] of [['ownerColumn', ' '], ['sharedTables', 'x'], ['rowLevelSecurity', null]] as const) {
    t.throws(() => checkScopeOptions({ [name]: value }), { name: 'TypeError', message: new RegExp(`^"${name}" must be`) })
  }
})

t.test('a name that is no option is refused', async (t) => {
  t.doesNotThrow(() => checkScopeNames({ ownerColumn: 'x', sharedTables: [], rowLevelSecurity: false }))
  for (const name of ['ownerColum', 'db', 'toString']) t.throws(() => checkScopeNames({ [name]: 1 }), { name: 'TypeError', message: new RegExp(`^"${name}" is not an option of userScope`) })
  for (const options of [null, 5, []]) t.throws(() => checkScopeNames(options), { name: 'TypeError', message: /^The options of userScope/ })
})

t.test('without a database the options have nothing to be about', async (t) => {
  for (const name of ['ownerColumn', 'sharedTables', 'rowLevelSecurity']) t.throws(() => checkScopeWithoutDatabase({ [name]: null }), { name: 'TypeError', message: new RegExp(`^"${name}" needs the "db" option`) })
  t.doesNotThrow(() => checkScopeWithoutDatabase({ rowLevelSecurity: false }))
})
