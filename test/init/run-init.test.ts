import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runInit } from '../../lib/init/run-init.js'

const run = (folder: string, ...words: string[]) => {
  const said = { stdout: '', stderr: '' }
  const status = runInit(words, {
    folder,
    stdout: { write: (text) => { said.stdout += text } },
    stderr: { write: (text) => { said.stderr += text } }
  })
  return { status, ...said }
}

const emptyFolder = (t: Test): string => t.testdir({})

t.test('an empty folder gets a server, its schema, an environment and tests', async (t) => {
  const folder = emptyFolder(t)
  const { status, stdout, stderr } = run(folder)
  t.equal(status, 0)
  t.equal(stderr, '')
  for (const path of ['package.json', 'tsconfig.json', '.env', '.gitignore', 'src/schema.ts', 'src/app.ts', 'src/server.ts', 'test/app.test.ts']) {
    t.ok(existsSync(join(folder, path)), path)
    t.match(stdout, `\n  ${path}\n`)
  }
  t.notMatch(stdout, /Not overwritten|Please check/)
  t.match(stdout, /1\. npm install\n[\s\S]*npm run db:generate[\s\S]*npm run db:migrate[\s\S]*npm test[\s\S]*npm run dev[\s\S]*npm run doctor/)
})

t.test('a second run changes nothing and says so', async (t) => {
  const folder = emptyFolder(t)
  run(folder)
  const secret = readFileSync(join(folder, '.env'), 'utf8')
  const { status, stdout } = run(folder)
  t.equal(status, 0)
  t.notMatch(stdout, /Written:/)
  t.match(stdout, /Not overwritten, because they exist:\n {2}package\.json\n/)
  t.equal(readFileSync(join(folder, '.env'), 'utf8'), secret)
})

t.test('a folder is named instead of the current one', async (t) => {
  const folder = t.testdir({ server: {} })
  t.equal(run(folder, 'server').status, 0)
  t.ok(existsSync(join(folder, 'server/src/app.ts')))
  t.notOk(existsSync(join(folder, 'src')))
})

t.test('a folder that is missing is created', async (t) => {
  const folder = emptyFolder(t)
  t.equal(run(folder, '--dir', 'services/api').status, 0)
  t.ok(existsSync(join(folder, 'services/api/src/app.ts')))
})

t.test('--yes adds the scripts and packages that package.json lacks, and leaves no step for them', async (t) => {
  const folder = t.testdir({ 'package.json': JSON.stringify({ name: 'app', type: 'module' }) })
  const { stdout } = run(folder, '--yes')
  t.match(stdout, 'package.json (scripts and packages added)')
  t.notMatch(stdout, /npm pkg set|--save-dev/)
  t.match(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), { name: 'app', scripts: { start: 'node dist/server.js' } })
})

t.test('each folder has a secret of its own, which others may not read', async (t) => {
  const folder = t.testdir({ one: {}, two: {} })
  run(folder, 'one')
  run(folder, 'two')
  const secretOf = (name: string) => /^BETTER_AUTH_SECRET=(.+)$/m.exec(readFileSync(join(folder, name, '.env'), 'utf8'))![1]!
  t.equal(Buffer.from(secretOf('one'), 'base64url').length, 32)
  t.not(secretOf('one'), secretOf('two'))
  if (process.platform !== 'win32') t.equal(statSync(join(folder, 'one/.env')).mode & 0o777, 0o600)
})

t.test('a call that cannot be followed ends with 2 and a sentence, and writes nothing', async (t) => {
  const folder = t.testdir({ file: '', broken: { 'package.json': '{' } })
  t.match(run(folder, 'file'), { status: 2, stderr: /^file is a file, not a folder/ })
  t.match(run(folder, 'a', 'b'), { status: 2, stderr: /^init takes one folder, got a, b\n/ })
  t.match(run(folder, '--force'), { status: 2, stderr: /--force/ })
  t.match(run(folder, 'broken'), { status: 2, stderr: /^package\.json holds no JSON object/ })
  t.notOk(existsSync(join(folder, 'broken/.env')))
})

t.test('--help tells what it does', async (t) => {
  t.match(run(emptyFolder(t), '--help'), { status: 0, stdout: /npx fastify-auth-integration init \[folder\]/ })
})

t.test('what is no mistake of the caller is not swallowed', async (t) => {
  const folder = emptyFolder(t)
  const stdout = { write: () => { throw new RangeError('no room') } }
  t.throws(() => runInit([], { folder, stdout, stderr: stdout }), RangeError)
})

t.test('a file in the place of a folder is named', async (t) => {
  const folder = emptyFolder(t)
  writeFileSync(join(folder, 'src'), '')
  const { status, stderr } = run(folder)
  t.equal(status, 2)
  t.match(stderr, /^src\/app\.ts could not be written: E(EXIST|NOTDIR)\. Written before it: package\.json, /)
})
