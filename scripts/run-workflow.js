/**
 * Runs the `run:` steps of a workflow in .github/workflows on this machine, in their order:
 *
 *     node scripts/run-workflow.js ci test            one job
 *     node scripts/run-workflow.js release            all jobs; npm publish is a dry run
 *     node scripts/run-workflow.js release --list     what would run
 *
 * What actions do (checkout, Node.js) is taken as done; steps that change the machine (sudo) are left out and named.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

const {
  values,
  positionals: [workflow, job]
} = parseArgs({ allowPositionals: true, options: { list: { type: 'boolean' } } })
if (workflow === undefined) {
  console.error('usage: node scripts/run-workflow.js WORKFLOW [JOB] [--list]')
  process.exit(2)
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const env = { ...process.env, GITHUB_REF_NAME: `v${version}` }

const steps = stepsOf(readFileSync(new URL(`../.github/workflows/${workflow}.yml`, import.meta.url), 'utf8'))
  .filter((step) => job === undefined || step.job === job)
if (steps.length === 0) {
  console.error(`There is no step to run in ${workflow} ${job ?? ''}`)
  process.exit(2)
}

for (const { job, command } of steps) {
  const local = command.replace(/^npm publish/, 'npm publish --dry-run').replace(' --provenance', '')
  const isSkipped = command.startsWith('sudo ')
  console.log(`\n# ${workflow}, ${job}: ${isSkipped ? `left out: ${command}` : local}`)
  if (isSkipped || values.list) continue
  const { status } = spawnSync(local, { shell: true, stdio: 'inherit', env })
  if (status !== 0) {
    console.error(`\n${local} ended with ${status}`)
    process.exit(1)
  }
}

/** The steps of a workflow as this repository writes them: one line each, jobs two spaces deep. */
function stepsOf (text) {
  const steps = []
  let job
  for (const line of text.slice(text.indexOf('\njobs:\n')).split('\n')) {
    job = /^ {2}([\w-]+):$/.exec(line)?.[1] ?? job
    const command = /^ {6}- run: (.+)$/.exec(line)?.[1]
    if (command !== undefined) steps.push({ job, command })
    else if (/^ +(?:- )?run:/.test(line)) throw new Error(`A step that is not one line: ${line.trim()}`)
  }
  return steps
}
