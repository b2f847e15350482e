/**
 * Packs the package and looks at the tarball as its users will: publint, the types of every entry point (attw), the
 * list of packed files, an import of every entry point from a scratch folder, as ESM and as CommonJS, and the types
 * that a handler sees there in both. Needs `npm run build` first, and no network: dependencies are those already
 * installed.
 */
import { execFileSync } from 'node:child_process'
import {
  existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { consumerSettings, consumerSource } from './package/consumer.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const scratch = mkdtempSync(join(tmpdir(), 'check-package-'))

/** Runs a script with this Node: no shell, and no `.cmd` shims on Windows. */
function node (args, cwd = root) {
  return execFileSync(process.execPath, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** The script behind a command of an installed package. */
function bin (name, command) {
  const file = join(root, 'node_modules', name, 'package.json')
  const { bin } = JSON.parse(readFileSync(file, 'utf8'))
  return join(dirname(file), typeof bin === 'string' ? bin : bin[command])
}

/** npm's own script: npm names it to the scripts it runs; beside Node otherwise. */
function npm () {
  const beside = dirname(process.execPath)
  const known = [
    process.env.npm_execpath,
    join(beside, 'node_modules/npm/bin/npm-cli.js'),
    join(beside, '../lib/node_modules/npm/bin/npm-cli.js')
  ].find((file) => file !== undefined && file.endsWith('.js') && existsSync(file))
  if (known === undefined) throw new Error('npm was not found: run this check as `npm run test:package`')
  return known
}

/** Packs into the scratch folder. `--ignore-scripts`: what is there was built by `npm run build`. */
function pack () {
  const out = node([npm(), 'pack', '--json', '--ignore-scripts', '--pack-destination', scratch])
  const report = JSON.parse(out)
  const [packed] = Array.isArray(report) ? report : Object.values(report)
  return { tarball: join(scratch, packed.filename), files: packed.files.map((file) => file.path), size: packed.size }
}

const besideDist = new Set(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'llms.txt'])

/** Nothing but the build, what init copies and the front documents, and everything that package.json points at. */
function checkFiles (files) {
  const problems = []
  for (const file of files) {
    if (besideDist.has(file)) continue
    if (!/^(?:dist\/.+\.(js|cjs|d\.ts|d\.cts)|templates\/server\/.+|skills\/.+\.md)$/.test(file)) {
      problems.push(`${file} is packed and should not be`)
    }
  }
  for (const file of besideDist) {
    if (!files.includes(file)) problems.push(`${file} is missing from the tarball`)
  }
  for (const target of [...Object.values(manifest.exports), manifest.bin ?? {}].flatMap(targets)) {
    if (!files.includes(target.replace(/^\.\//, ''))) problems.push(`package.json names ${target}, which is not packed`)
  }
  return problems
}

/** The files that an entry of `exports` or `bin` names. */
function targets (entry) {
  return typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(targets)
}

function checkPublint (tarball) {
  return run(() => node([bin('publint', 'publint'), 'run', tarball, '--strict']))
}

function checkTypes (tarball) {
  return run(() =>
    node([
      bin('@arethetypeswrong/cli', 'attw'),
      tarball,
      '--profile',
      'node16',
      '--no-emoji',
      '--no-color',
      '--no-definitely-typed',
      '--format',
      'ascii'
    ])
  )
}

/** A folder that has the tarball installed, and of all else only what package.json declares. */
function install (tarball) {
  const consumer = join(scratch, 'consumer')
  const modules = join(consumer, 'node_modules')
  mkdirSync(modules, { recursive: true })
  // The tarball's name alone: GNU tar takes a drive letter for a host.
  execFileSync('tar', ['-xzf', basename(tarball)], { cwd: scratch })
  renameSync(join(scratch, 'package'), join(modules, manifest.name))
  for (const name of [...Object.keys(manifest.dependencies), ...peers(false)]) link(modules, name)
  return consumer
}

/** The names of the peers that are optional, or of those that are not. */
function peers (optional) {
  return Object.keys(manifest.peerDependencies)
    .filter((name) => (manifest.peerDependenciesMeta?.[name]?.optional ?? false) === optional)
}

function link (modules, name) {
  const path = join(modules, name)
  mkdirSync(dirname(path), { recursive: true })
  // A junction needs no privilege on Windows; elsewhere the type is ignored.
  symlinkSync(join(root, 'node_modules', name), path, 'junction')
}

/** Every entry point loads both ways and gives the same names; only `./PEER` may need the optional peer. */
function checkImports (tarball) {
  const consumer = install(tarball)
  const entries = Object.keys(manifest.exports).filter((path) => !path.endsWith('.json'))
  const alone = entries.filter((path) => !peers(true).includes(path.slice(2)))
  const withPeer = entries.filter((path) => !alone.includes(path))

  const problems = alone.flatMap((path) => checkImport(consumer, path))
  for (const name of peers(true)) link(join(consumer, 'node_modules'), name)
  return [...problems, ...withPeer.flatMap((path) => checkImport(consumer, path)), ...checkDeclarations(consumer)]
}

function checkImport (consumer, path) {
  const specifier = JSON.stringify(manifest.name + path.slice(1))
  const show = 'console.log(Object.keys(loaded).sort().join())'
  writeFileSync(join(consumer, 'esm.mjs'), `import * as loaded from ${specifier}\n${show}\n`)
  writeFileSync(join(consumer, 'commonjs.cjs'), `const loaded = require(${specifier})\n${show}\n`)
  // What marks an ES module for transpilers is no export of ours.
  const names = (file) =>
    node([file], consumer)
      .trim()
      .split(',')
      .filter((name) => !['__esModule', 'module.exports'].includes(name))
      .join()

  return run(() => {
    const [esm, commonjs] = [names('esm.mjs'), names('commonjs.cjs')]
    if (esm === '') throw new Error(`${path} exports nothing`)
    if (esm !== commonjs) throw new Error(`${path} exports ${esm} to import and ${commonjs} to require()`)
  })
}

/** What the package declares for handlers compiles in the consumer's folder, outside of this repository. */
function checkDeclarations (consumer) {
  // `npm run test:typescript` names other compilers.
  const compilers = process.env.TYPESCRIPT_COMPILERS?.split(',') ?? [bin('typescript', 'tsc')]
  // One at a time, as apps are: together, both kinds of declarations would extend Fastify's types.
  return ['app.mts', 'app.cts'].flatMap((file) => {
    writeFileSync(join(consumer, file), consumerSource)
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions: consumerSettings, files: [file] }))
    return compilers.flatMap((compiler) => run(() => node([compiler, '-p', '.'], consumer)))
  })
}

function checkBinaries (files) {
  return targets(manifest.bin ?? {})
    .filter((target) => files.includes(target.replace(/^\.\//, '')))
    .flatMap((target) => {
      const [line] = readFileSync(join(root, target), 'utf8').split('\n')
      return line === '#!/usr/bin/env node' ? [] : [`${target} has to start with #!/usr/bin/env node`]
    })
}

/** What the checks found, as sentences. */
function run (command) {
  try {
    command()
    return []
  } catch (error) {
    return [`${error.stdout ?? ''}${error.stderr ?? ''}`.trim() || error.message]
  }
}

try {
  const { tarball, files, size } = pack()
  const problems = [
    ...checkFiles(files),
    ...checkBinaries(files),
    ...checkPublint(tarball),
    ...checkTypes(tarball),
    ...checkImports(tarball)
  ]
  for (const problem of problems) console.error(problem)
  console.log(
    `${basename(tarball)}: ${files.length} files, ${Math.ceil(size / 1024)} KiB packed, ${problems.length} problems`
  )
  process.exitCode = problems.length > 0 ? 1 : 0
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
