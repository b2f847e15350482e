/**
 * Makes llms.txt from the list of documents in docs/README.md. With `--check` it writes nothing and fails when the file
 * is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const file = (name) => new URL(`../${name}`, import.meta.url)
const manifest = JSON.parse(readFileSync(file('package.json'), 'utf8'))
const base = `${manifest.homepage.replace('#readme', '')}/blob/main`

const sections = readFileSync(file('docs/README.md'), 'utf8').split(/^\*\*(.+)\*\*$/m).slice(1)
const lines = [`# ${manifest.name}`, '', `> ${manifest.description}`]
for (let index = 0; index < sections.length; index += 2) {
  const links = [...sections[index + 1].matchAll(/^(?:\d+\.|-) \[([^\]]+)\]\(([^)]+)\)(.*)$/gm)]
  if (links.length === 0) continue
  lines.push('', `## ${sections[index]}`, '')
  for (const [, title, path, rest] of links) lines.push(`- [${title}](${new URL(path, `${base}/docs/`).href})${rest}`)
}
lines.push(
  '',
  '## For agents',
  '',
  `- [Skill](${base}/skills/auth-integration/SKILL.md): adds the package to an existing app and proves it`,
  ''
)
const text = lines.join('\n')

if (process.argv.includes('--check')) {
  const isCurrent = readFileSync(file('llms.txt'), 'utf8').replaceAll('\r\n', '\n') === text
  console.log(isCurrent ? 'llms.txt is current' : 'llms.txt is not what docs/README.md lists: npm run docs:llms')
  process.exitCode = isCurrent ? 0 : 1
} else {
  writeFileSync(file('llms.txt'), text)
}
