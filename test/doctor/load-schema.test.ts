import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { spawnSync } from 'node:child_process'
import t, { type Test } from 'tap'
import { loadSchema } from '../../lib/doctor/load-schema.js'

const module = 'import { pgTable, text } from "drizzle-orm/pg-core"\n'

/** A folder that finds the packages this one has. */
function folder (t: Test, files: Record<string, string>): string {
  const path = t.testdir({ 'package.json': '{ "type": "module" }' })
  symlinkSync(resolve('node_modules'), join(path, 'node_modules'), 'junction')
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text)
  return path
}

t.test('tables are found by name, in the default export, and in an object', async (t) => {
  const path = folder(t, {
    'a.js': `${module}export const tasks = pgTable('tasks', { id: text() })\nexport const nothing = null`,
    'b.js': `${module}export default { tasks: pgTable('tasks', { id: text() }), schema: { notes: pgTable('notes', { id: text() }) } }`,
    'c.cjs': 'const { pgTable, text } = require("drizzle-orm/pg-core")\nmodule.exports = { tasks: pgTable("tasks", { id: text() }) }'
  })
  t.equal((await loadSchema('a.js', path)).length, 1)
  t.equal((await loadSchema('b.js', path)).length, 2)
  t.equal((await loadSchema('c.cjs', path)).length, 1)
})

t.test('a module that is not there, breaks, or has no table is told apart', async (t) => {
  const path = folder(t, { 'breaks.js': 'throw new Error("no such variable")', 'empty.js': 'export const x = 1', 'lacks.js': 'import "./not-there.js"' })
  mkdirSync(join(path, 'folder'))
  await t.rejects(loadSchema('gone.js', path), { name: 'UsageError', message: /no such file/ })
  await t.rejects(loadSchema('breaks.js', path), { name: 'UsageError', message: /could not be imported\. no such variable/ })
  await t.rejects(loadSchema('lacks.js', path), { name: 'UsageError', message: /ERR_MODULE_NOT_FOUND/ })
  await t.rejects(loadSchema('empty.js', path), { name: 'UsageError', message: /exports no Drizzle table/ })
})

t.test('TypeScript that this Node.js cannot import says so, and how to go on', async (t) => {
  const path = folder(t, {
    'schema.ts': 'enum Mood { Good }\nexport const mood = Mood.Good',
    'show.mjs': `
    const { loadSchema } = await import(${JSON.stringify(new URL('../../lib/doctor/load-schema.ts', import.meta.url).href)})
    await loadSchema('schema.ts', process.cwd()).catch((error) => console.log(error.message))`
  })
  // tap reads TypeScript; what Node.js does alone is seen in a process without tap, with the doctor itself built on the way.
  writeFileSync(join(path, 'hooks.mjs'), `
    import ts from 'typescript'
    import { readFileSync } from 'node:fs'
    export async function resolve (specifier, context, next) {
      return next(/^\\..*\\.js$/.test(specifier) && context.parentURL?.includes('/lib/doctor/') ? specifier.replace(/js$/, 'ts') : specifier, context)
    }
    export async function load (url, context, next) {
      if (!url.includes('/lib/doctor/')) return next(url, context)
      const { outputText } = ts.transpileModule(readFileSync(new URL(url), 'utf8'), { compilerOptions: { module: 'esnext', target: 'es2023' } })
      return { format: 'module', shortCircuit: true, source: outputText }
    }`)
  writeFileSync(join(path, 'register.mjs'), 'import { register } from "node:module"\nregister("./hooks.mjs", import.meta.url)')
  const { stdout } = spawnSync(process.execPath, ['--import', './register.mjs', 'show.mjs'], { cwd: path, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_EXCLUDE_: '.' } })
  t.match(stdout, /^--schema schema\.ts is TypeScript, and this Node\.js \(v\d+/)
  t.match(stdout, /NODE_OPTIONS="--import tsx" npx fastify-auth-integration doctor --schema schema\.ts/)
})
