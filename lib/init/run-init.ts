import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { newFiles } from './new-files.js'
import { commandsOf, packageManagerOf } from './package-manager.js'
import { completedManifest } from './packages.js'
import { InitError, readProject } from './project.js'
import { report } from './report.js'
import { writeFiles } from './write-files.js'

const usage = `fastify-auth-integration init: writes a small server into a folder, with its schema, environment and tests.

  npx fastify-auth-integration init [folder] [options]

The folder is the current one unless named, and is created when it is missing. A file that exists is not overwritten.
The server is TypeScript: Fastify with this plugin, Better Auth for signing in, Drizzle on PostgreSQL, and a Dockerfile.

  --dir <folder>   the same as [folder]
  --yes            also add the scripts and packages that an existing package.json lacks
  --help           print this

Exit status: 0 when it is done, 2 for a mistake on the command line or a file that cannot be written.
`

/** The process around the command. */
export interface Surroundings {
  folder: string
  env?: NodeJS.ProcessEnv
  stdout: { write: (text: string) => unknown }
  stderr: { write: (text: string) => unknown }
}

/**
 * Writes a server into a folder and prints what it did and what to do next.
 * @param words the command line after `init`
 * @returns the exit status: 0, or 2 for a mistake on the command line or a file that cannot be written
 */
export function runInit (words: string[], { folder, env = {}, stdout, stderr }: Surroundings): number {
  try {
    const { help, target, yes } = parse(words)
    if (help) {
      stdout.write(usage)
      return 0
    }
    const project = readProject(made(folder, target))
    const commands = commandsOf(packageManagerOf(project.folder, project.manifest, env.npm_config_user_agent))
    const files = writeFiles(project.folder, newFiles(project, commands))
    if (yes && project.manifest !== undefined) {
      writeFileSync(join(project.folder, 'package.json'), completedManifest(project))
      files.left = files.left.filter((path) => path !== 'package.json')
      files.written.unshift('package.json (scripts and packages added)')
    }
    stdout.write(report(project, commands, files))
    return 0
  } catch (error) {
    if (!(error instanceof InitError)) throw error
    stderr.write(`${error.message}\nfastify-auth-integration init --help lists the options.\n`)
    return 2
  }
}

function parse (words: string[]): { help: boolean, yes: boolean, target: string } {
  const { values, positionals } = parsed(words)
  const targets = [...positionals, ...values.dir === undefined ? [] : [values.dir]]
  if (targets.length > 1) throw new InitError(`init takes one folder, got ${targets.join(', ')}`)
  return { help: values.help, yes: values.yes, target: targets[0] ?? '.' }
}

function parsed (words: string[]) {
  try {
    return parseArgs({
      args: words,
      allowPositionals: true,
      options: {
        dir: { type: 'string' },
        yes: { type: 'boolean', default: false, short: 'y' },
        help: { type: 'boolean', default: false, short: 'h' }
      }
    })
  } catch (error) {
    throw new InitError((error as Error).message, { cause: error })
  }
}

function made (folder: string, target: string): string {
  const path = resolve(folder, target)
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) {
      throw new InitError(`${target} is a file, not a folder`)
    }
    throw new InitError(`The folder ${target} cannot be created: ${(error as NodeJS.ErrnoException).code}`, {
      cause: error
    })
  }
  return path
}
