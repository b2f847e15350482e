import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { runningApp } from './running-app.js'

const run = promisify(execFile)
const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

t.test('the doctor has nothing to say about environment, schema and database', async (t) => {
  const { databaseUrl } = await runningApp(t)
  const env = {
    PATH: process.env.PATH,
    NODE_OPTIONS: '--import tsx',
    _TAPJS_PROCESSINFO_EXCLUDE_: '.',
    BETTER_AUTH_SECRET: process.env.BETTER_AUTH_SECRET,
    FRONTEND_URL: 'http://127.0.0.1:3000,http://127.0.0.1:3001',
    DATABASE_URL: databaseUrl
  }
  const { stdout } = await run(
    process.execPath,
    [path('../../../dist/cli.js'), 'doctor', '--json', '--schema', path('../schema.ts')],
    { env, cwd: path('../../..') }
  )
  t.same(JSON.parse(stdout).findings, [])
})
