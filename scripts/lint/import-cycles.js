import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const specifiers = /\bfrom\s*'(\.{1,2}\/[^']+)\.js'|\bimport\(\s*'(\.{1,2}\/[^']+)\.js'\s*\)/g

/** The rule that no file leads back to itself, by imports of types too, which import-x/no-cycle passes over. */
export const importCycles = {
  meta: { type: 'problem', schema: [], messages: { cycle: 'This import leads back here: {{ path }}' } },
  create ({ filename, report }) {
    const check = (node) => {
      if (!node.source?.value?.startsWith('.')) return
      const start = sourceOf(dirname(filename), node.source.value.replace(/\.js$/, ''))
      const path = start === undefined ? undefined : pathBetween(start, filename)
      if (path !== undefined) report({ node, messageId: 'cycle', data: { path: path.map(shortened).join(' → ') } })
    }
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  }
}

const shortened = (file) => file.replace(/^.*\/lib\//, '').replaceAll('\\', '/')

function sourceOf (folder, specifier) {
  const file = resolve(folder, `${specifier}.ts`)
  return existsSync(file) ? file : undefined
}

const known = new Map()

function importsOf (file) {
  if (!known.has(file)) {
    known.set(file, [...readFileSync(file, 'utf8').matchAll(specifiers)]
      .map(([, from, dynamic]) => sourceOf(dirname(file), from ?? dynamic)).filter((found) => found !== undefined))
  }
  return known.get(file)
}

function pathBetween (start, end) {
  const paths = new Map([[start, [start]]])
  for (const [file, path] of paths) {
    if (file === end) return path
    for (const next of importsOf(file)) if (!paths.has(next)) paths.set(next, [...path, next])
  }
}
