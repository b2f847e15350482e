import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import ts from 'typescript'
import coverageMap from './coverage-map.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** The modules of lib/ that have something to run. */
function modules () {
  return readdirSync(`${root}/lib`, { recursive: true, encoding: 'utf8' })
    .map((name) => `lib/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts') && hasCode(name))
}

function hasCode (name: string) {
  const { outputText } = ts.transpileModule(readFileSync(`${root}/${name}`, 'utf8'), { compilerOptions: { module: ts.ModuleKind.ESNext, removeComments: true } })
  return outputText.replace('export {};', '').trim() !== ''
}

t.test('a test covers the module of its own name', async (t) => {
  t.equal(coverageMap('test/token/bearer.test.ts'), 'lib/token/bearer.ts')
  t.equal(coverageMap('test/errors.test.ts'), 'lib/errors.ts')
})

t.test('an integration test and the example\'s own cover nothing', async (t) => {
  t.equal(coverageMap('test/integration/newcomer.test.ts'), null)
  t.equal(coverageMap('examples/tasks/test/doors.test.ts'), null)
})

// A module without a test of its own is in no coverage report either: it looks as if it were covered.
t.test('every module has a test of its own name', async (t) => {
  const untested = modules().filter((name) => !existsSync(`${root}/${name.replace(/^lib\//, 'test/').replace(/\.ts$/, '.test.ts')}`))
  if (untested.length > 0) t.comment(`no test of their own: ${untested.join(', ')}`)
  t.strictSame(untested, [], 'all modules have one', untested.length > 0 ? { todo: `${untested.length} have none yet` } : {})
})
