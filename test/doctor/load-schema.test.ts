import { symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
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
    'b.js': `${module}export default { tasks: pgTable('tasks', { id: text() }), schema: { notes: pgTable('notes', { ` +
      'id: text() }) } }',
    'c.cjs':
      'const { pgTable, text } = require("drizzle-orm/pg-core")\nmodule.exports = { tasks: pgTable("tasks", { id: ' +
        'text() }) }'
  })
  t.equal((await loadSchema('a.js', path)).length, 1)
  t.equal((await loadSchema('b.js', path)).length, 2)
  t.equal((await loadSchema('c.cjs', path)).length, 1)
})

t.test('a module without a table is told so', async (t) => {
  const path = folder(t, { 'empty.js': 'export const x = 1' })
  await t.rejects(loadSchema('empty.js', path), {
    name: 'UsageError',
    message: /^--schema empty\.js exports no Drizzle table/
  })
})
