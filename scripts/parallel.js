/**
 * Runs scripts of package.json at the same time, as many as there are processors, and prints what each wrote when it
 * has ended:
 *
 *     node scripts/parallel.js lint check
 *
 * Exits with 1 when one of them fails; the others run to their end, so that one run shows all that is wrong.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

const waiting = process.argv.slice(2)
let failed = false

async function runNext () {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
    const { code, output, seconds } = await run(name)
    failed ||= code !== 0
    console.log(`${name}: ${code === 0 ? 'passed' : 'FAILED'} in ${seconds} s`)
    if (code !== 0) console.log(output)
  }
}

function run (name) {
  const started = performance.now()
  const child = spawn(process.execPath, [process.env.npm_execpath, 'run', '--silent', name], {
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => { output += text })
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, output, seconds: Math.round((performance.now() - started) / 1000) }))
  })
}

await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, runNext))
process.exitCode = failed ? 1 : 0
