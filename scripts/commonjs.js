/**
 * Writes what CommonJS sees of the build: for each entry of package.json a `.cjs` file that loads the ES module, which
 * Node.js can from 20.19 on, and the declarations once more as `.d.cts`. TypeScript takes Drizzle's declarations for
 * CommonJS there, whose classes are other ones than those for ES modules.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.values(exports).flatMap((entry) => entry.require === undefined ? [] : [entry.require.default])

const written = new Set()
for (const entry of entries) {
  const name = entry.slice(entry.lastIndexOf('/') + 1).replace('.cjs', '')
  // Name by name, so that tools which do not run it see the default export too.
  const names = Object.keys(await import(pathToFileURL(join(root, entry.replace('.cjs', '.js'))).href))
  writeFileSync(join(root, entry), [
    `const loaded = require('./${name}.js')`,
    "Object.defineProperty(exports, '__esModule', { value: true })",
    ...names.map((name) => `exports.${name} = loaded.${name}`), ''
  ].join('\n'))
  declare(join(root, entry.replace('.cjs', '.d.ts')))
}

/** Writes a declaration file for CommonJS, and those that it imports. */
function declare (path) {
  if (written.has(path)) return
  written.add(path)
  const text = readFileSync(path, 'utf8')
  const relative = /(from |import |import\()(["'])(\.[^"']*)\.js\2/g
  for (const [, , , specifier] of text.matchAll(relative)) declare(join(dirname(path), `${specifier}.d.ts`))
  writeFileSync(path.replace('.d.ts', '.d.cts'), text.replaceAll(relative, '$1$2$3.cjs$2'))
}
