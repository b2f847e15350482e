import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { goodEnvironment } from '../fixtures/doctor-surroundings.js'
import { createHealthyTables } from '../fixtures/healthy-schema.js'
import { startPostgres } from '../fixtures/postgres.js'

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string, bin: Record<string, string> }
const binary = manifest.bin['fastify-auth-integration']!

// `npm test` builds first; alone, this file builds for itself.
t.before(() => {
  if (existsSync(binary)) return
  const tsc = join(createRequire(import.meta.url).resolve('typescript'), '../tsc.js')
  execFileSync(process.execPath, [tsc, '-p', 'lib'])
})

const run = async (
  words: string[],
  env: NodeJS.ProcessEnv = {}
): Promise<{ status: number, stdout: string, stderr: string }> => {
  const own = { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, _TAPJS_PROCESSINFO_EXCLUDE_: '.' }
  const child = promisify(execFile)(process.execPath, [binary, ...words], { env: { ...own, ...env } })
  return await child.then(
    (out) => ({ status: 0, ...out }),
    (error) => ({ status: error.code, stdout: error.stdout, stderr: error.stderr })
  )
}

async function databaseWith (t: Test, statements: string): Promise<string> {
  const { url } = await startPostgres(t)
  const sql = postgresJs(url, { max: 1, onnotice: () => {} })
  await sql.unsafe(statements)
  await sql.end()
  return url
}

t.test('the built command ends with 0 without errors, 1 with errors, 2 when called wrongly', async (t) => {
  t.match(await run(['doctor'], goodEnvironment), { status: 0, stdout: /No findings/, stderr: '' })
  t.match(await run(['doctor'], {}), {
    status: 1,
    stdout: /ERROR +BETTER_AUTH_SECRET +There is nothing to verify tokens with/
  })
  t.match(await run(['doctor', '--nope'], {}), { status: 2, stdout: '', stderr: /--nope/ })
  t.match(await run(['nurse'], {}), { status: 2, stderr: /"nurse" is not a command/ })
  t.match(await run([], {}), { status: 2, stderr: /A command is missing/ })
  t.match(await run(['--version'], {}), { status: 0, stdout: `${manifest.version}\n` })
  t.match(await run(['--help'], {}), { status: 0, stdout: /init .*\n +doctor / })
  t.match(await run(['doctor', '--help'], {}), { status: 0, stdout: /--owner-column <name>/ })
})

t.test('a compiled schema and the live database go through the built command', async (t) => {
  const url = await databaseWith(
    t,
    `${createHealthyTables} alter table tasks alter column title type text; alter table tasks add column "a\nb" integer`
  )
  const schema = `${t.testdir({
    'schema.mjs': `
    import { pgTable, text } from ${JSON.stringify(import.meta.resolve('drizzle-orm/pg-core'))}
    export const tasks = pgTable('tasks', { userId: text('user_id').notNull(), title: text('title'), gone: text('gone') })
    // What a schema module that connects leaves behind must not keep the command from ending.
    setInterval(() => {}, 1000)
  `
  })}/schema.mjs`
  const { status, stdout } = await run(['doctor', '--schema', schema, '--json'], {
    ...goodEnvironment,
    DATABASE_URL: url
  })
  t.equal(status, 1)
  t.match(JSON.parse(stdout), {
    errors: 1,
    warnings: 0,
    findings: [{ check: 'drift', place: 'tasks.gone', sql: 'alter table "tasks" add column "gone" text;' }]
  })
})

t.test('the example has no findings, its schema read as TypeScript', async (t) => {
  const folder = 'examples/tasks/drizzle'
  const migrations = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  const url = await databaseWith(t, migrations.join('\n'))
  const { status, stdout } = await run(['doctor', '--schema', 'examples/tasks/schema.ts'], {
    ...goodEnvironment,
    DATABASE_URL: url,
  })
  t.match(
    stdout,
    /the schema: 8 tables and views\n.*the database: 8 tables and views.*\nChecked 4 owned tables, row-level security not in use\n\nNo findings\./s
  )
  t.equal(status, 0)
})

t.test('a database of many tables is read to the end through a pipe', async (t) => {
  const url = await databaseWith(
    t,
    Array.from(
      { length: 300 },
      (_, index) => `create table t${index} (id integer primary key generated always as identity, user_id text)`
    ).join(';')
  )
  const { stdout } = await run(['doctor', '--json', '--jwks', 'https://auth.example.app/jwks'], { DATABASE_URL: url })
  t.match(JSON.parse(stdout), { errors: 300, warnings: 300 })
})
