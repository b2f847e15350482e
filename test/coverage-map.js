import { existsSync, readdirSync } from 'node:fs'

/**
 * The tests of a folder cover the module of that name: test/token/ covers lib/token/, run as a whole or one file at a time, and
 * test/integration/token/ counts with them. Tests that cross modules cover nothing, whatever they happen to run.
 */
export default (test) => {
  const [, folder] = /^(?:test\/(?:integration\/)?|\.tap\/suites\/[\w-]+\/\w+\/)([\w-]+)(?:\/|\.test\.ts$)/.exec(test) ?? []
  if (folder === undefined) return null
  if (folder === 'root' || /^test\/[\w-]+\.test\.ts$/.test(test)) return sourcesIn('lib')
  return existsSync(`lib/${folder}`) ? sourcesIn(`lib/${folder}`, true) : null
}

function sourcesIn (folder, recursive = false) {
  return readdirSync(folder, { recursive, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((name) => name.endsWith('.ts'))
}
