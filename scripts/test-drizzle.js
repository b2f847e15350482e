/**
 * Runs the tests of rows on another version of Drizzle:
 *
 *     npm run test:drizzle                          the version of test/drizzle-1/package.json
 *     npm run test:drizzle -- 1.0.0-rc.6            another one, the next candidate
 *     npm run test:drizzle -- test/scope            these files and folders alone
 *     npm run test:drizzle -- -- --grep=cache       what follows goes to tap
 *
 * What runs, and what does not and why, is in test/drizzle-1/suites.js. docs/drizzle-versions.md says how to judge the
 * outcome.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { files } from '../test/drizzle-1/suites.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const words = process.argv.slice(2)
const end = words.indexOf('--')
const given = end === -1 ? words : words.slice(0, end)
const version = given.find((word) => /^\d+\.\d+\.\d+/.test(word))
const wanted = given.filter((word) => word !== version)

const folder = version === undefined ? join(root, 'test/drizzle-1') : join(root, '.tap/drizzle', version)
const required = version ?? read(join(folder, 'package.json')).dependencies['drizzle-orm']
install()
const { status } = spawnSync(process.execPath, [
  join(root, 'scripts/test.js'), ...wanted.length > 0 ? wanted : files, ...end === -1 ? [] : words.slice(end)
], { stdio: 'inherit', env: { ...process.env, TEST_DRIZZLE: folder } })
process.exitCode = status || (wanted.length > 0 ? 0 : compile()) || 0

/** An app on this version, by the declarations that are published. */
function compile () {
  const settings = join(root, '.tap/drizzle-types.json')
  const types = join(root, 'test/drizzle-1/types/tsconfig.json')
  const paths = {
    'drizzle-orm': [join(folder, 'node_modules/drizzle-orm')],
    'drizzle-orm/*': [join(folder, 'node_modules/drizzle-orm/*')],
    'fastify-auth-integration': [join(root, 'dist/index')]
  }
  writeFileSync(
    settings,
    JSON.stringify({
      extends: types,
      compilerOptions: { paths, typeRoots: [join(root, 'node_modules/@types')] },
      files: [join(root, 'test/drizzle-1/types/consumer.ts')]
    })
  )
  const tsc = (...call) =>
    spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...call], { stdio: 'inherit' }).status
  const failed = tsc('-p', join(root, 'lib')) || tsc('-p', settings)
  console.log(`an app on drizzle-orm ${required} ${failed ? 'does not compile' : 'compiles'}`)
  return failed
}

function install () {
  if (installed() === required) return
  mkdirSync(folder, { recursive: true })
  if (version !== undefined) {
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ private: true, dependencies: { 'drizzle-orm': version } })
    )
  }
  const npm = process.env.npm_execpath
  const call = [version === undefined ? 'ci' : 'install', '--no-audit', '--no-fund']
  const outcome = npm === undefined
    ? spawnSync('npm', call, { cwd: folder, stdio: 'inherit', shell: true })
    : spawnSync(process.execPath, [npm, ...call], { cwd: folder, stdio: 'inherit' })
  if (outcome.status !== 0 || installed() !== required) {
    throw new Error(`drizzle-orm ${required} could not be installed in ${folder}`)
  }
}

function installed () {
  const manifest = join(folder, 'node_modules/drizzle-orm/package.json')
  return existsSync(manifest) ? read(manifest).version : undefined
}

function read (file) {
  return JSON.parse(readFileSync(file, 'utf8'))
}
