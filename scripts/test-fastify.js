/**
 * Runs the unit suite on another version of Fastify, in a copy of the working tree:
 *
 *     npm run test:fastify -- 6.0.0-alpha.4               on Node 24, which Fastify 6 needs
 *     npm run test:fastify -- 6.0.0-alpha.4 test/access   these files and folders alone
 *
 * The copy stays in .tap/fastify/, so that a second run need not install anything.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [version, ...wanted] = process.argv.slice(2)
const npm = process.env.npm_execpath
if (npm === undefined || !/^\d+\.\d+\.\d+/.test(version ?? '')) {
  console.error('npm run test:fastify -- VERSION [file or folder …]')
  process.exit(2)
}

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, '.tap/fastify', version)
copySources()
if (installed() !== version) {
  const options = ['--no-save', '--legacy-peer-deps', '--no-audit', '--no-fund']
  run(npm, 'ci', ...options)
  run(npm, 'install', ...options, `fastify@${version}`)
}
// A candidate's own declarations may lag behind what it does.
const build = 'node scripts/clean.js && tsc -p lib --noCheck && node scripts/commonjs.js'
const words = [...wanted.length > 0 ? wanted : ['unit']].map((word) => `"${word.replaceAll('"', '')}"`).join(' ')
process.exitCode = run(
  npm, 'exec', '--yes', '--package=node@24', `--call=${build} && node scripts/test.js ${words}`
)

function copySources () {
  mkdirSync(folder, { recursive: true })
  for (const name of ['lib', 'test', 'scripts', 'examples', 'templates']) {
    rmSync(join(folder, name), { recursive: true, force: true })
  }
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root, encoding: 'utf8'
  })
  for (const file of list.split('\0').filter((file) => file !== '' && existsSync(join(root, file)))) {
    cpSync(join(root, file), join(folder, file))
  }
}

function installed () {
  const manifest = join(folder, 'node_modules/fastify/package.json')
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined
}

function run (...call) {
  return spawnSync(process.execPath, call, { cwd: folder, stdio: 'inherit' }).status
}
