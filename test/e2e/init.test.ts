import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { newcomersFolder, ownEnvironment, script } from '../fixtures/packed-package.js'
import { startPostgres } from '../fixtures/postgres.js'

const packages = ['fastify', 'drizzle-orm', 'postgres', 'better-auth', 'drizzle-kit', 'tsx', 'typescript', '@types/node']

async function run (folder: string, words: string[]): Promise<string> {
  return await promisify(execFile)(process.execPath, words, { cwd: folder, env: ownEnvironment() })
    .then(({ stdout }) => stdout, (error) => { throw new Error(`${words.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error }) })
}

/** What the command tells to do, done: tables, types, tests, doctor. */
async function follow (t: Test, folder: string, ts: string): Promise<void> {
  const postgres = await startPostgres(t)
  const env = join(folder, '.env')
  writeFileSync(env, readFileSync(env, 'utf8').replace(/^DATABASE_URL=.*$/m, `DATABASE_URL=${postgres.url}`))

  await run(folder, [script('drizzle-kit', 'drizzle-kit'), 'push'])
  await run(folder, [script('typescript', 'tsc')])
  const tests = await run(folder, ['--env-file=.env', '--import', 'tsx', '--test', '--test-reporter=tap', `test/app.test.${ts}`])
  t.match(tests, /^# pass 5$/m)
  t.match(tests, /^# fail 0$/m)
  const doctor = await run(folder, ['--import', 'tsx', 'node_modules/fastify-auth-integration/dist/cli.js', 'doctor', '--env-file', '.env', '--schema', `src/schema.${ts}`])
  t.match(doctor, /Checked the schema: 5 tables.*\n.*\nChecked 1 owned tables/)
  t.match(doctor, /No findings/)
}

t.test('what init writes into an empty folder passes its own tests', async (t) => {
  const folder = newcomersFolder(t, packages)
  const said = await run(folder, ['node_modules/fastify-auth-integration/dist/cli.js', 'init'])
  t.match(said, /Next:\n {2}1\. npm install\n/)
  await follow(t, folder, 'ts')
})

t.test('what init writes beside a CommonJS package.json passes its own tests', async (t) => {
  const folder = newcomersFolder(t, packages)
  const manifest = JSON.stringify({ name: 'mine', type: 'commonjs' })
  writeFileSync(join(folder, 'package.json'), manifest)
  await run(folder, ['node_modules/fastify-auth-integration/dist/cli.js', 'init'])
  t.equal(readFileSync(join(folder, 'package.json'), 'utf8'), manifest)
  await follow(t, folder, 'mts')
})
