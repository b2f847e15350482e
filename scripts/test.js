/**
 * Runs tests with tap: a suite, a folder, or single files.
 *
 *     node scripts/test.js unit            a suite: unit, integration or e2e
 *     node scripts/test.js test/token      a folder, in one process where that is how its suite runs
 *     node scripts/test.js test/token/bearer.test.ts
 *     node scripts/test.js unit -- --grep=signature    what follows goes to tap
 *
 * What the tests share is made once and here: PostgreSQL (unless `DATABASE_URL` names one) and the packed package.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, register } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Progress } from './test/progress.js'
import { groupsOf, suites } from './test/groups.js'

const root = fileURLToPath(new URL('..', import.meta.url))
process.chdir(root)
register('../test/fixtures/typescript-hooks.js', import.meta.url)

const words = process.argv.slice(2)
const end = words.indexOf('--')
const wanted = end === -1 ? words : words.slice(0, end)
const tapWords = end === -1 ? [] : words.slice(end + 1)
const withCoverage = tapWords.some((word) => word.startsWith('--coverage'))
if (wanted.length === 0) usage()

const groups = groupsOf(wanted)
if (groups.length === 0) usage()
const name = wanted.length === 1 ? wanted[0] : 'tests'

const folder = join(root, '.tap/suites', name.replaceAll(/[^\w]+/g, '-'))
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })

// Tests wait until all files are there: tap ends when it has none left, and a file may wait for its database before its
// first one.
const entryStart = `import t from 'tap'
let loaded
t.test('the files of this process load', () => new Promise((resolve) => { loaded = resolve }))
`

// What test/fixtures/no-leaks.js has found.
const leaks = join(folder, 'leaks.txt')
const stderr = join(folder, 'stderr.txt')
const environment = { ...process.env, TEST_LEAKS: leaks, TEST_STDERR: stderr }
const endings = []
try {
  process.exitCode = await run()
} finally {
  for (const ending of endings) await ending()
}

async function run () {
  if (groups.some(({ suite }) => suites[suite].database) && !process.env.DATABASE_URL) {
    const { startServer } = await import('../test/fixtures/postgres-server.ts')
    const server = await startServer({ max_connections: 400 })
    endings.push(() => server.remove())
    environment.TEST_DATABASE_URL = server.url
  }
  if (!groups.some(({ suite }) => suites[suite].database)) environment.TEST_WITHOUT_DATABASE = 'true'
  if (groups.some(({ suite }) => suites[suite].package)) {
    const { packPackage } = await import('../test/fixtures/packed-package.ts')
    environment.TEST_PACKAGE = packPackage(folder)
  }

  const tap = join(folder, 'output.tap')
  writeFileSync(tap, '')
  const progress = new Progress(name, tap, groups.length)
  const child = spawn(
    process.execPath,
    [
      join(dirname(createRequire(import.meta.url).resolve('tap/package.json')), 'dist/esm/run.mjs'),
      '--reporter=min',
      `--output-file=${tap}`,
      ...(withCoverage ? [] : ['--disable-coverage']),
      ...tapWords,
      ...groups.map(entryOf)
    ],
    { env: environment, stdio: ['inherit', process.stdout.isTTY ? 'inherit' : 'pipe', 'inherit'] }
  )
  // tap shows the cursor again also where there is none.
  child.stdout?.setEncoding('utf8').on('data', (text) => { process.stdout.write(text.replaceAll('\u001B[?25h', '')) })
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal))
  const [code] = await once(child, 'close')
  if (existsSync(leaks)) console.log(readFileSync(leaks, 'utf8'))
  const { passed, failed } = progress.end()
  if (code !== 0 && existsSync(stderr)) console.log(`What the tests wrote to stderr: ${relative(root, stderr)}`)
  // tap leaves no total when it is interrupted or cannot start.
  const status = passed + failed === 0 ? 1 : code ?? 1
  if (process.env.TEST_RESULTS) appendFileSync(process.env.TEST_RESULTS, `${name} ${passed} ${failed}\n`)
  return status
}

/** The file that tap runs for a group: the test file itself, or one that imports all of them. */
function entryOf ({ suite, group, files }) {
  if (files.length === 1) return files[0]
  const entry = join(folder, suite, `${group}.test.ts`)
  mkdirSync(dirname(entry), { recursive: true })
  const imports = files.map((file) => `await import(${JSON.stringify(pathToFileURL(join(root, file)).href)})\n`)
  writeFileSync(entry, entryStart + imports.join('') + 'loaded()\n')
  return entry
}

function usage () {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  console.error(
    `usage: node scripts/test.js ${Object.keys(suites).join('|')}|FOLDER|FILE … [-- options of tap]\n(${manifest.name} has no tests at ${wanted.join(' ') || 'nothing'})`
  )
  process.exit(2)
}
