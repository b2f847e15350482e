import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { InitError } from './project.js'
import type { Surroundings } from './run-init.js'
import { writeFiles } from './write-files.js'

const usage = `fastify-auth-integration skill: copies a skill for coding agents into a project.

  npx fastify-auth-integration skill [options]

It leads an agent through adding this package to an existing Fastify app and proving it with the doctor and
checkIsolation(). Files that exist are not overwritten.

  --dir <folder>   where skills are kept (default .claude/skills)
  --help           print this
`

const skills = fileURLToPath(new URL('../../skills/', import.meta.url))

/**
 * Copies the skill and prints what it wrote.
 * @param words the command line after `skill`
 * @returns the exit status: 0, or 2 for a mistake on the command line or a file that cannot be written
 */
export function runSkill (words: string[], { folder, stdout, stderr }: Surroundings): number {
  try {
    const { dir, help } = parse(words)
    if (help) {
      stdout.write(usage)
      return 0
    }
    const paths = readdirSync(skills, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(skills, path)).isFile())
      .sort()
    const files = paths.map((path) => ({
      path: join(dir, path).replaceAll('\\', '/'), text: readFileSync(join(skills, path), 'utf8')
    }))
    const { written, left } = writeFiles(resolve(folder), files)
    for (const path of written) stdout.write(`Written: ${path}\n`)
    for (const path of left) stdout.write(`Not overwritten, because it exists: ${path}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof InitError)) throw error
    stderr.write(`${error.message}\nfastify-auth-integration skill --help lists the options.\n`)
    return 2
  }
}

function parse (words: string[]): { dir: string, help: boolean } {
  try {
    return parseArgs({
      args: words,
      options: {
        dir: { type: 'string', default: '.claude/skills' },
        help: { type: 'boolean', default: false, short: 'h' }
      }
    }).values
  } catch (error) {
    throw new InitError((error as Error).message, { cause: error })
  }
}
