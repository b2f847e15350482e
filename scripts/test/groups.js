import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/**
 * What a suite needs, and how its files are put into processes: `folder`, all files of a folder in one, or `file`, each
 * in its own unless it stands in a folder of the suite's. The longest run first, so that none of them runs alone at the
 * end.
 */
export const suites = {
  unit: { database: false, package: false, longest: [] },
  integration: {
    database: true,
    package: false,
    longest: ['isolation', 'faults', 'short-transactions', 'non-interference']
  },
  e2e: {
    database: true,
    package: true,
    longest: ['init', 'example-process', 'example-settings', 'example-tasks', 'newcomer']
  }
}

/** @returns the groups of the given suites, folders and files: `{ group, suite, files }`, a process each */
export function groupsOf (words) {
  return words.flatMap((word) => {
    if (Object.hasOwn(suites, word)) return groupsOfSuite(word)
    const path = word.replaceAll('\\', '/').replace(/^\.\/|\/$/g, '')
    if (!existsSync(path)) return []
    const files = statSync(path).isDirectory() ? testsBelow(path) : [path]
    return grouped(files)
  })
}

function groupsOfSuite (suite) {
  const groups = grouped([...testsBelow('test'), ...testsBelow('examples')]).filter((group) => group.suite === suite)
  const place = ({ group }) =>
    (suites[suite].longest.indexOf(group) + suites[suite].longest.length + 1) % (suites[suite].longest.length + 1)
  return groups.sort((a, b) => place(a) - place(b))
}

function grouped (files) {
  const groups = new Map()
  for (const file of files) {
    const { suite, group } = placeOf(file)
    const key = `${suite} ${group}`
    if (!groups.has(key)) groups.set(key, { suite, group, files: [] })
    groups.get(key).files.push(file)
  }
  return [...groups.values()]
}

/** The suite that a test file belongs to, and the process of that suite that runs it. */
export function placeOf (file) {
  const [top, ...below] = file.split('/').slice(0, -1)
  if (top === 'examples') return { suite: 'integration', group: `example-${below[0]}` }
  const [folder = 'root', inner] = below
  if (folder === 'drizzle-1') return { suite: 'integration', group: basename(file, '.test.ts') }
  if (folder !== 'integration' && folder !== 'e2e') return { suite: 'unit', group: folder }
  return { suite: folder, group: inner ?? basename(file, '.test.ts') }
}

function testsBelow (folder) {
  if (!existsSync(folder)) return []
  return (
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      // They have dependencies of their own: scripts/test-drizzle.js.
      .filter((name) => !name.startsWith('test/drizzle-1/') || process.env.TEST_DRIZZLE !== undefined)
      .filter(
        (name) => name.endsWith('.test.ts') && !name.includes('/node_modules/') && !dirname(name).endsWith('/fixtures')
      )
      .sort()
  )
}
