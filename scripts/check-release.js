/** Whether a tag can be released: node scripts/check-release.js v1.2.3 */
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const changelog = readFileSync(new URL('../CHANGELOG.md', import.meta.url), 'utf8')
const tag = process.argv[2]

const problems = []
if (tag !== `v${version}`) {
  problems.push(`The tag is ${tag}, and package.json says version ${version}: they must be the same`)
}
const heading = changelog.split('\n').find((line) => line.startsWith(`## [${version}]`))
if (heading === undefined) problems.push(`CHANGELOG.md has no section for ${version}`)
else if (!/\d{4}-\d{2}-\d{2}$/.test(heading)) problems.push(`CHANGELOG.md has no date for ${version}: "${heading}"`)

for (const problem of problems) console.error(problem)
process.exitCode = problems.length === 0 ? 0 : 1
