import { symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { parseCommandLine } from '../../lib/doctor/command-line.js'
import { readPluginOptions } from '../../lib/doctor/plugin-options.js'
import { rules } from '../fixtures/doctor-surroundings.js'

// A module is imported once under its name.
let number = 0

async function read (t: Test, config: string | undefined, words: string[] = []) {
  const name = `options-${++number}.js`
  const path = t.testdir({ 'package.json': '{ "type": "module" }' })
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'), 'junction')
  if (config !== undefined) {
    writeFileSync(join(path, name), 'import { pgSchema, pgTable, pgView, text } from ' +
    `"drizzle-orm/pg-core"\n${config}`)
  }
  return await readPluginOptions(
    parseCommandLine([...words, ...(config === undefined ? [] : ['--config', name])]),
    rules,
    path
  )
}

const defaults = {
  ownerColumn: 'user_id',
  sharedTables: [],
  rowLevelSecurity: false,
  setting: 'app.user_id',
  role: undefined
}

t.test("without a word of the app the plugin's defaults hold", async (t) => {
  t.strictSame(await read(t, undefined), defaults)
})

t.test('options are read by name and from the default export, and others are left alone', async (t) => {
  const named = await read(t, 'export const ownerColumn = "account_id"\nexport const other = 1')
  t.strictSame(named, { ...defaults, ownerColumn: 'account_id' })
  const whole = await read(
    t,
    `const plans = pgTable("plans", { id: text() })
    export default { secret: "x", rowLevelSecurity: { setting: "my.user", role: "api" }, sharedTables: [plans, pgSchema("app").table("prices", { id: text() }), pgView("listed", { id: text() }).existing()] }`
  )
  t.strictSame(whole, {
    ...defaults,
    sharedTables: ['public.plans', 'app.prices', 'public.listed'],
    rowLevelSecurity: true,
    setting: 'my.user',
    role: 'api'
  })
  t.equal(
    typeof (await read(t, 'export const ownerColumn = (table) => table.owner', ['--schema', 'x.js'])).ownerColumn,
    'function'
  )
})

t.test('the command line goes before the module, and shared tables of both are shared', async (t) => {
  const config =
    'export default { ownerColumn: () => undefined, rowLevelSecurity: { setting: "my.user", role: "api" }, ' +
      'sharedTables: [pgTable("plans", { id: text() })] }'
  t.strictSame(
    await read(t, config, [
      '--owner-column',
      'owner',
      '--setting',
      'your.user',
      '--role',
      'app',
      '--shared-tables',
      'prices, app.x'
    ]),
    {
      ownerColumn: 'owner',
      sharedTables: ['public.prices', 'app.x', 'public.plans'],
      rowLevelSecurity: true,
      setting: 'your.user',
      role: 'app'
    }
  )
  for (const words of [['--setting', 'my.user'], ['--role', 'api'], ['--row-level-security']]) { t.equal((await read(t, undefined, words)).rowLevelSecurity, true) }
  t.equal((await read(t, 'export const rowLevelSecurity = false')).rowLevelSecurity, false)
})

t.test('what the plugin would refuse is told', async (t) => {
  const wrong: Array<[string | undefined, string[], RegExp]> = [
    [
      'export const nothing = 1',
      [],
      /--config options-\d+\.js exports none of ownerColumn, sharedTables, rowLevelSecurity/
    ],
    ['throw new Error("no such variable")', [], /--config options-\d+\.js could not be imported\. no such variable/],
    ['export const sharedTables = ["plans"]', [], /"sharedTables" must be a list of tables or views/],
    ['export const sharedTables = "plans"', [], /"sharedTables" must be a list of tables or views/],
    ['export const ownerColumn = 7', [], /"ownerColumn" must be the name of a column/],
    ['export const ownerColumn = () => undefined', [], /"ownerColumn" is a function.*--schema/],
    ['export const rowLevelSecurity = { seting: "x" }', [], /"rowLevelSecurity\.seting" is not an option/],
    [undefined, ['--setting', 'user_id'], /custom one with a dot/],
    [undefined, ['--config', 'gone.js'], /--config gone\.js: there is no such file/]
  ]
  for (const [config, words, message] of wrong) { await t.rejects(read(t, config, words), { name: 'UsageError', message }, String(message)) }
})
