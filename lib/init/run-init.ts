import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { newFiles } from './new-files.js'
import { InitError, readProject } from './project.js'
import { report } from './report.js'
import { writeFiles } from './write-files.js'

const usage = `fastify-auth-integration init: writes a small server into a folder, with its schema, environment and tests.

  npx fastify-auth-integration init [folder]

The folder is the current one unless named, and has to exist. A file that is there already is left as it is and named.
The server is TypeScript: Fastify with this plugin, Better Auth for signing in, Drizzle on PostgreSQL.

  --help    print this

Exit status: 0 when it is done, 2 when it was called wrongly or could not write.
`

/** The process around the command. */
export interface Surroundings {
  folder: string
  stdout: { write: (text: string) => unknown }
  stderr: { write: (text: string) => unknown }
}

/**
 * Writes a server into a folder and prints what it did and what to do next.
 * @param words the command line after `init`
 * @returns the exit status: 0, or 2 when it was called wrongly or could not write
 */
export function runInit (words: string[], { folder, stdout, stderr }: Surroundings): number {
  try {
    const { help, target } = parse(words)
    if (help) {
      stdout.write(usage)
      return 0
    }
    const project = readProject(existing(folder, target))
    stdout.write(report(project, writeFiles(project.folder, newFiles(project))))
    return 0
  } catch (error) {
    if (!(error instanceof InitError)) throw error
    stderr.write(`${error.message}\nfastify-auth-integration init --help tells more.\n`)
    return 2
  }
}

function parse (words: string[]): { help: boolean, target: string } {
  let parsed
  try {
    parsed = parseArgs({
      args: words,
      allowPositionals: true,
      options: { help: { type: 'boolean', default: false, short: 'h' } }
    })
  } catch (error) {
    throw new InitError((error as Error).message, { cause: error })
  }
  const [target = '.', ...more] = parsed.positionals
  if (more.length > 0) throw new InitError(`init takes one folder, and was given ${parsed.positionals.join(', ')}`)
  return { help: parsed.values.help, target }
}

function existing (folder: string, target: string): string {
  const path = resolve(folder, target)
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) { throw new InitError(`${target} is no folder: make it first`) }
  return path
}
