/**
 * Runs the test suite on every Node version the package supports, from npm's own `node` package:
 *
 *     npm run test:versions
 *     npm run test:versions -- test/token
 *
 * Arguments go to tap. The exit status is 1 when any version fails.
 */
import { spawnSync } from 'node:child_process'

const majors = [20, 22, 24, 26]
const npm = process.env.npm_execpath
if (npm === undefined) {
  console.error('npm says where it is only to its own scripts: npm run test:versions')
  process.exit(1)
}

// A path or a pattern: quoted for the shell that npm hands the call to, be it sh or cmd.
const tap = ['tap', ...process.argv.slice(2).map((word) => `"${word.replaceAll('"', '')}"`)].join(' ')

/** npm itself, its scripts and tap find the other node first in PATH. */
function runOn (major, call) {
  return spawnSync(process.execPath, [npm, 'exec', '--yes', `--package=node@${major}`, `--call=${call}`], {
    stdio: 'inherit'
  }).status
}

const results = majors.map((major) => {
  console.log(`\n# Node ${major}`)
  return { major, ok: runOn(major, 'node --version') === 0 && runOn(major, tap) === 0 }
})

console.log()
for (const { major, ok } of results) console.log(`Node ${major}: ${ok ? 'passed' : 'FAILED'}`)
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1
