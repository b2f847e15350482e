import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import coverageMap from './coverage-map.js'

t.test('the tests of a folder cover the module of that name, and those at the top the files at the top', async (t) => {
  for (const test of ['test/token/bearer.test.ts', 'test/integration/token/bearer.test.ts', '.tap/suites/unit/unit/token.test.ts', '.tap/suites/test-token/integration/token.test.ts']) {
    const covered = coverageMap(test) as string[]
    t.ok(covered.includes('lib/token/bearer.ts'), test)
    t.ok(covered.every((file) => file.startsWith('lib/token/')), `${test}, nothing else`)
  }
  for (const test of ['test/errors.test.ts', '.tap/suites/unit/unit/root.test.ts']) {
    t.ok(coverageMap(test)!.includes('lib/errors.ts'), test)
    t.ok((coverageMap(test) as string[]).every((file) => /^lib\/[\w-]+\.ts$/.test(file)), `${test}, nothing else`)
  }
})

t.test('what crosses modules covers nothing', async (t) => {
  for (const test of ['test/integration/isolation.test.ts', 'test/e2e/newcomer.test.ts', 'examples/tasks/test/doctor.test.ts', '.tap/suites/integration/integration/example-tasks.test.ts']) {
    t.equal(coverageMap(test), null, test)
  }
})

t.test('every module has a folder of tests', async (t) => {
  const folders = (path: string) => readdirSync(fileURLToPath(new URL(path, import.meta.url)), { withFileTypes: true })
    .filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const tested = new Set([...folders('.'), ...folders('integration')])
  t.strictSame(folders('../lib').filter((name) => !tested.has(name)), [])
})
