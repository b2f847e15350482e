import t from 'tap'
import { importModule } from '../../lib/doctor/import-module.js'

t.test('a module is found from the folder', async (t) => {
  const path = t.testdir({
    'package.json': '{ "type": "module" }',
    deep: { 'a.js': 'export const x = 1\nexport default 2' }
  })
  t.match(await importModule('deep/a.js', path, '--schema'), { x: 1, default: 2 })
})

t.test(
  'a module that is not there, breaks, or lacks another is told apart, with the option that named it',
  async (t) => {
    const path = t.testdir({
      'package.json': '{ "type": "module" }',
      'breaks.js': 'throw new Error("no such variable")',
      'lacks.js': 'import "./not-there.js"',
      'throws.js': 'throw "a text"'
    })
    await t.rejects(importModule('gone.js', path, '--config'), {
      name: 'UsageError',
      message: `--config gone.js: there is no such file in ${path}`
    })
    await t.rejects(importModule('breaks.js', path, '--schema'), {
      name: 'UsageError',
      message: '--schema breaks.js could not be imported. no such variable'
    })
    await t.rejects(importModule('lacks.js', path, '--schema'), {
      name: 'UsageError',
      message: /^--schema lacks\.js could not be imported\. ERR_MODULE_NOT_FOUND: .*not-there\.js/
    })
    await t.rejects(importModule('throws.js', path, '--schema'), {
      name: 'UsageError',
      message: '--schema throws.js could not be imported. a text'
    })
  }
)

t.test('TypeScript that cannot be imported as it is comes with the way to let tsx read it', async (t) => {
  const path = t.testdir({ 'package.json': '{ "type": "module" }', 'broken.ts': 'export const x: = 1' })
  await t.rejects(importModule('broken.ts', path, '--schema'), {
    name: 'UsageError',
    message:
      /^--schema broken\.ts is TypeScript, and this Node\.js .*NODE_OPTIONS="--import tsx" npx fastify-auth-integration doctor --schema broken\.ts$/
  })
})
