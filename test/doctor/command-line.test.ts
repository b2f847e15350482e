import t from 'tap'
import { parseCommandLine, usage } from '../../lib/doctor/command-line.js'

t.test('the options have their defaults', async (t) => {
  t.strictSame(parseCommandLine([]), {
    help: false, json: false, schema: [], config: undefined, ownerColumn: undefined, sharedTables: [], casing: undefined, userIdType: undefined, rowLevelSecurity: false, setting: undefined, role: undefined, jwks: undefined, envFile: undefined
  })
})

t.test('lists take commas and repetition, types any spelling', async (t) => {
  t.match(parseCommandLine(['--shared-tables', 'plans, prices', '--shared-tables', 'app.x', '--schema', 'a.js', '--schema', 'b.js', '--user-id-type', 'int']), {
    sharedTables: ['plans', 'prices', 'app.x'], schema: ['a.js', 'b.js'], userIdType: 'integer'
  })
})

t.test('what is wrong on the command line is told', async (t) => {
  for (const words of [['--nope'], ['extra'], ['--schema'], ['--casing', 'kebab'], ['--owner-column', ''], ['--json=1']]) {
    t.throws(() => parseCommandLine(words), { name: 'UsageError' }, words.join(' '))
  }
})

t.test('the help names every option', async (t) => {
  for (const name of ['schema', 'config', 'setting', 'owner-column', 'shared-tables', 'casing', 'user-id-type', 'row-level-security', 'role', 'jwks', 'env-file', 'json', 'help']) t.match(usage, `--${name}`)
})
