import t from 'tap'
import { asUsage, parseCommandLine, usage, UsageError } from '../../lib/doctor/command-line.js'

t.test('the options have their defaults', async (t) => {
  t.strictSame(parseCommandLine([]), {
    help: false,
    json: false,
    schema: [],
    config: undefined,
    ownerColumn: undefined,
    sharedTables: [],
    casing: undefined,
    userIdType: undefined,
    rowLevelSecurity: false,
    setting: undefined,
    role: undefined,
    jwks: undefined,
    envFile: undefined,
    envFileIsOptional: true
  })
})

t.test('lists take commas and repetition, types any spelling', async (t) => {
  t.match(
    parseCommandLine([
      '--shared-tables',
      'plans, prices',
      '--shared-tables',
      'app.x',
      '--schema',
      'a.js',
      '--schema',
      'b.js',
      '--user-id-type',
      'int'
    ]),
    {
      sharedTables: ['plans', 'prices', 'app.x'],
      schema: ['a.js', 'b.js'],
      userIdType: 'integer'
    }
  )
})

t.test('what is wrong on the command line is told', async (t) => {
  for (const words of [
    ['--nope'],
    ['extra'],
    ['--schema'],
    ['--casing', 'kebab'],
    ['--owner-column', ''],
    ['--json=1']
  ]) {
    t.throws(() => parseCommandLine(words), { name: 'UsageError' }, words.join(' '))
  }
})

t.test('the help names every option', async (t) => {
  for (const name of [
    'schema',
    'config',
    'setting',
    'owner-column',
    'shared-tables',
    'casing',
    'user-id-type',
    'row-level-security',
    'role',
    'jwks',
    'env-file',
    'json',
    'help'
  ]) { t.match(usage, `--${name}`) }
})

t.test("a mistake by the plugin's own rules is one of the command line, in the same words", async (t) => {
  t.equal(
    asUsage(() => 5),
    5
  )
  const cause = new TypeError('"ownerColumn" must be the name of a column')
  t.throws(
    () =>
      asUsage(() => {
        throw cause
      }),
    { name: 'UsageError', message: cause.message, cause }
  )
})

t.test("what is no mistake of the caller's stays what it is", async (t) => {
  const bug = new RangeError('a bug')
  const usage = new UsageError('--schema is empty')
  for (const error of [bug, usage]) {
    t.throws(
      () =>
        asUsage(() => {
          throw error
        }),
      error
    )
  }
})
