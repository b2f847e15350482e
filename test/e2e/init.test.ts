import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseEnv, promisify } from 'node:util'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { newcomersFolder, ownEnvironment, script } from '../fixtures/packed-package.js'
import { startPostgres } from '../fixtures/postgres.js'

const packages = ['fastify', 'drizzle-orm', 'postgres', 'better-auth', 'drizzle-kit', 'tsx', 'typescript', '@types/node']

async function run (folder: string, words: string[]): Promise<string> {
  return await promisify(execFile)(process.execPath, words, { cwd: folder, env: ownEnvironment() })
    .then(({ stdout }) => stdout, (error) => { throw new Error(`${words.join(' ')}\n${error.stdout}${error.stderr}`, { cause: error }) })
}

const cli = 'node_modules/fastify-auth-integration/dist/cli.js'

/** The commands of the quick start that make Ada's account and her first row, as they are printed. */
async function twoUsers (folder: string, address: string): Promise<string> {
  const page = readFileSync('docs/quick-start.md', 'utf8').replaceAll('\r\n', '\n')
  const block = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text]) => text!).find((text) => text.startsWith('ADA='))!
  const text = block.replaceAll('localhost:3000', new URL(address).host)
  return (await promisify(execFile)('sh', ['-euc', text], { cwd: folder, env: ownEnvironment() })).stdout
}

/** The steps that the command names, followed: tables, types, tests, doctor, and the built server. */
async function follow (t: Test, folder: string, ts: string): Promise<void> {
  const postgres = await startPostgres(t)
  // The tests that init writes create a database beside the one that they are given.
  t.teardown(async () => {
    const sql = postgresJs(postgres.url, { max: 1, onnotice: () => {} })
    await sql.unsafe(`drop database if exists "${new URL(postgres.url).pathname.slice(1)}_test" with (force)`)
    await sql.end()
  })
  const env = join(folder, '.env')
  writeFileSync(env, readFileSync(env, 'utf8').replace(/^DATABASE_URL=.*$/m, `DATABASE_URL=${postgres.url}`))

  await run(folder, [script('drizzle-kit', 'drizzle-kit'), 'generate'])
  await run(folder, ['--import', 'tsx', `src/migrate.${ts}`])
  await run(folder, [script('typescript', 'tsc')])
  await run(folder, [script('typescript', 'tsc'), '-p', 'tsconfig.build.json'])
  const tests = await run(folder, ['--import', 'tsx', '--test', '--test-reporter=tap', `test/app.test.${ts}`])
  t.match(tests, /^# pass 5$/m)
  t.match(tests, /^# fail 0$/m)
  const doctor = await run(folder, [cli, 'doctor', '--env-file-if-exists', '.env', '--schema', `src/schema.${ts}`])
  t.match(doctor, /Checked the schema: 5 tables.*\n.*\nChecked 1 owned tables/)
  t.match(doctor, /No findings/)

  // Deployed: no .env, no tsx, the variables in the environment.
  const variables = parseEnv(readFileSync(env, 'utf8'))
  rmSync(env)
  const js = ts.replace('ts', 'js')
  const server = spawn(process.execPath, [`dist/server.${js}`], {
    cwd: folder, env: ownEnvironment({ ...variables, PORT: '0' }), stdio: ['ignore', 'pipe', 'inherit']
  })
  const exit = once(server, 'exit')
  t.teardown(() => server.kill('SIGKILL'))
  for await (const line of createInterface({ input: server.stdout })) {
    const address = /http:\/\/[^"\s]+/.exec(line)?.[0]
    if (address === undefined) continue
    t.match(await (await fetch(`${address}/ready`)).json(), { status: 'ready' })
    t.match(await twoUsers(folder, address), new RegExp([
      /^\{"id":"[\w-]+","userId":"\w+","title":"Water the plants".*\}/,
      /\{"items":\[\{"id":.*"title":"Water the plants".*\}\],"nextCursor":null\}/,
      /\{"detail":"Missing token"\}\{"detail":"Forbidden"\}$/
    ].map(({ source }) => source).join('')))
    break
  }
  server.kill('SIGTERM')
  if (process.platform !== 'win32') t.strictSame(await exit, [0, null], 'SIGTERM ends it in good order')
}

t.test('what init writes into an empty folder passes its own tests', async (t) => {
  const folder = newcomersFolder(t, packages)
  const said = await run(folder, [cli, 'init'])
  t.match(said, /Next:\n {2}1\. npm install\n/)
  await follow(t, folder, 'ts')
})

t.test('what init writes beside a CommonJS package.json passes its own tests', async (t) => {
  const folder = newcomersFolder(t, packages)
  const manifest = JSON.stringify({ name: 'mine', type: 'commonjs' })
  writeFileSync(join(folder, 'package.json'), manifest)
  await run(folder, [cli, 'init'])
  t.equal(readFileSync(join(folder, 'package.json'), 'utf8'), manifest)
  await follow(t, folder, 'mts')
})

t.test('beside nothing but the package, as Yarn installs it, all but the doctor run, and that says what it needs', async (t) => {
  const folder = newcomersFolder(t, [])
  for (const words of [['init'], ['skill'], ['--version'], ['--help']]) t.ok(await run(folder, [cli, ...words]), words.join())
  await t.rejects(run(folder, [cli, 'doctor']), { message: /The doctor needs drizzle-orm/, cause: { code: 2 } })
})
