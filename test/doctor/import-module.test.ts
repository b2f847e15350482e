import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
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

/** Outside of the repository, where no tsx is found. */
function farFolder (t: Test, name: string, text: string): string {
  const path = mkdtempSync(join(tmpdir(), 'fai-doctor-'))
  t.teardown(() => rmSync(path, { recursive: true }))
  writeFileSync(join(path, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(path, name), text)
  return path
}

t.test('TypeScript is read with the tsx of the app', async (t) => {
  const path = t.testdir({
    'package.json': '{ "type": "module" }',
    'a.ts': 'import { Mood } from "./b.js"\nexport const x: number = Mood.Good',
    'b.ts': 'export enum Mood { Bad, Good }',
    'broken.ts': 'export const x: = 1'
  })
  t.match(await importModule('a.ts', path, '--schema'), { x: 1 })
  await t.rejects(importModule('broken.ts', path, '--schema'), {
    name: 'UsageError', message: /^--schema broken\.ts could not be imported\. /
  })
})

t.test('TypeScript that cannot be imported without tsx comes with the way to install it', async (t) => {
  await t.rejects(importModule('broken.ts', farFolder(t, 'broken.ts', 'export const x: = 1'), '--schema'), {
    name: 'UsageError',
    message: /^--schema broken\.ts is TypeScript, and this Node\.js .*install tsx, .*npm install --save-dev tsx$/
  })
})
