/**
 * Reads the documents as a newcomer would: every ```ts block, in the docstrings of lib/ too, has to compile
 * against lib/, every relative link has to lead somewhere, and README keeps to its 250 lines.
 *
 * A block is one module. One that begins with `// schema.ts` goes by that name, and the other blocks of
 * its document import './schema.js'. What documents use without saying where it comes from (app, request,
 * db, tasks) is declared in docs/samples.ts.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const longestReadme = 250

function documents () {
  return [root, join(root, 'docs')].flatMap((folder) => readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)))
}

/** The files of lib/, of which only the docstrings are read. */
function sourceFiles () {
  return readdirSync(join(root, 'lib'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, 'lib', name))
}

/** The fenced blocks of a document, and its text with their lines emptied. */
function readDocument (path) {
  const isSource = path.endsWith('.ts')
  const lines = readFileSync(path, 'utf8').split(/\r?\n/).map((line) => isSource ? docstringLine(line) : line)
  const blocks = []
  const prose = []
  let open
  for (const [index, line] of lines.entries()) {
    const fence = /^( *)```(\S*)/.exec(line)
    if (open === undefined && fence) {
      open = { language: fence[2], line: index + 1, lines: [] }
    } else if (open !== undefined && /^ *```\s*$/.test(line)) {
      blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') })
      open = undefined
    } else if (open !== undefined) {
      open.lines.push(line)
    }
    prose.push(open === undefined && !fence ? line : '')
  }
  return { path, name: relative(root, path).replaceAll('\\', '/'), lines, blocks, prose, unclosed: open?.line }
}

/** What a line of a docstring says; nothing where it is code. */
function docstringLine (line) {
  return /^\s*\* ?(?!\/)(.*)$/.exec(line)?.[1] ?? ''
}

const parsed = new Map()

/** Each document is a program of its own, so that what one declares does not meet what another does. */
function compileSamples (document) {
  const folder = join(root, '.samples', document.name)
  const modules = new Map()
  for (const [index, block] of document.blocks.filter(({ language }) => language === 'ts').entries()) {
    const name = /^\/\/ ([\w-]+\.ts)\b/.exec(block.text)?.[1] ?? `sample-${index + 1}.ts`
    // A block without imports would be a script, whose names the others would see.
    modules.set(slashes(join(folder, name)), { block, text: `${block.text}\nexport {}\n` })
  }
  if (modules.size === 0) return []
  // README has it copied out of the package.
  if (document.blocks.some(({ text }) => text.includes("'./auth-schema.js'"))) {
    const text = readFileSync(join(root, 'templates/server/src/auth-schema.ts'), 'utf8')
    modules.set(slashes(join(folder, 'auth-schema.ts')), { block: { line: 0 }, text })
  }

  const options = compilerOptions()
  const declared = slashes(join(root, 'docs/samples.ts'))
  const program = ts.createProgram([...modules.keys(), declared], options, host(options, modules))
  // What is wrong in lib/ is told by `npm run check`; asking for it here would check lib/ anew for each document.
  const diagnostics = [
    ...program.getOptionsDiagnostics(),
    ...program.getGlobalDiagnostics(),
    ...[...modules.keys(), declared].map((file) => program.getSourceFile(file)).flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file)
    ])
  ]
  return diagnostics.flatMap((diagnostic) => {
    const sentence = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    const sample = modules.get(diagnostic.file?.fileName ?? '')
    if (sample === undefined) return `${relative(root, diagnostic.file?.fileName ?? '')}: ${sentence}`
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start)
    return `${document.name}:${sample.block.line + 1 + line}: ${sentence}`
  })
}

function compilerOptions () {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root)
  // A sample may declare what it does not go on to use.
  return { ...options, noUnusedLocals: false, noUnusedParameters: false, paths: entryPoints() }
}

/** The package's entry points, as the sources they are built from. */
function entryPoints () {
  return Object.fromEntries(Object.entries(manifest.exports)
    .filter(([path]) => !path.endsWith('.json'))
    .map(([path, { import: { default: built } }]) => [
      manifest.name + path.slice(1),
      [built.replace('./dist/', './lib/').replace(/\.js$/, '.ts')]
    ]))
}

function host (options, modules) {
  const disk = ts.createCompilerHost(options)
  const folders = new Set([...modules.keys()].map((file) => dirname(file)))
  return {
    ...disk,
    fileExists: (file) => modules.has(file) || disk.fileExists(file),
    directoryExists: (folder) => folders.has(folder) || disk.directoryExists(folder),
    readFile: (file) => modules.get(file)?.text ?? disk.readFile(file),
    getSourceFile (file, target, onError) {
      const sample = modules.get(file)
      if (sample !== undefined) return ts.createSourceFile(file, sample.text, target)
      if (!parsed.has(file)) parsed.set(file, disk.getSourceFile(file, target, onError))
      return parsed.get(file)
    }
  }
}

/** As TypeScript writes paths, on Windows too. */
function slashes (path) {
  return path.replaceAll('\\', '/')
}

function checkLinks (document) {
  const problems = []
  for (const [index, line] of document.prose.entries()) {
    const text = line.replaceAll(/`[^`]*`/g, '')
    const links = [
      ...text.matchAll(/\]\(([^)\s]+)[^)]*\)/g),
      ...text.matchAll(/^\[[^\]]+\]: (\S+)/g),
      ...text.matchAll(/\bsrc(?:set)?="([^"]+)"/g)
    ]
    for (const [, link] of links) {
      if (/^(https?|mailto):/.test(link)) continue
      const [file, anchor] = link.split('#')
      const target = file === '' ? document.path : resolve(dirname(document.path), decodeURI(file))
      if (!existsSync(target)) {
        problems.push(`${document.name}:${index + 1}: ${link} leads nowhere`)
      } else if (anchor !== undefined && target.endsWith('.md') && !anchors(target).has(anchor)) {
        problems.push(`${document.name}:${index + 1}: ${link} names a heading that is not there`)
      }
    }
  }
  return problems
}

/** The headings of a document, as GitHub turns them into anchors. */
function anchors (path) {
  const headings = readDocument(path)
    .prose.map((line) => /^#{1,6} (.+)$/.exec(line)?.[1])
    .filter((heading) => heading !== undefined)
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-')
    )
  )
}

function checkShape (document) {
  const problems = []
  if (document.unclosed !== undefined) {
    problems.push(`${document.name}:${document.unclosed}: this block is never closed`)
  }
  if (document.name === 'README.md' && document.lines.length > longestReadme + 1) {
    problems.push(`README.md has ${document.lines.length - 1} lines, more than ${longestReadme}`)
  }
  return problems
}

const read = documents().map(readDocument)
const sources = sourceFiles().map(readDocument)
const problems = [
  ...read.flatMap((document) => [...checkShape(document), ...checkLinks(document)]),
  ...[...read, ...sources].flatMap(compileSamples)
]
for (const problem of new Set(problems)) console.error(problem)

const samples = [...read, ...sources].flatMap(({ blocks }) => blocks).filter(({ language }) => language === 'ts').length
console.log(`${read.length} documents, ${samples} TypeScript samples, ${problems.length} problems`)
process.exitCode = problems.length > 0 ? 1 : 0
