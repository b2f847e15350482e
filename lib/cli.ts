#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runInit } from './init/run-init.js'
import { runSkill } from './init/run-skill.js'

const usage = `fastify-auth-integration <command>

  init     writes a small server with its schema, environment and tests into a folder
  doctor   checks the environment, the Drizzle schema and the database for mistakes
  skill    copies a skill for coding agents into a project

  --version   prints the version
  --help      prints this

fastify-auth-integration <command> --help lists the options of a command.
`

const [command, ...words] = process.argv.slice(2)

async function run (): Promise<number> {
  const { env, stdout, stderr } = process
  const folder = process.cwd()
  if (command === 'init') return runInit(words, { folder, env, stdout, stderr })
  if (command === 'skill') return runSkill(words, { folder, stdout, stderr })
  if (command === 'doctor') {
    try {
      // Not before: the others run in a folder without Drizzle too, as Yarn leaves it, which installs no peers.
      const { doctor } = await import('./cli-doctor.js')
      return await doctor(words, { env, folder, stdout, stderr })
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw error
      stderr.write(`The doctor needs drizzle-orm, fastify and what your schema imports: install them first.\n${error}\n`)
      return 2
    }
  }
  if (command === '--version' || command === '-v') {
    stdout.write(`${packageVersion()}\n`)
    return 0
  }
  if (command === '--help' || command === '-h') {
    stdout.write(usage)
    return 0
  }
  stderr.write(`${command === undefined ? 'A command is missing' : `"${command}" is not a command`}\n\n${usage}`)
  return 2
}

function packageVersion (): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

process.exitCode = await run()
// The app's schema may have opened a connection of its own, which would keep the process; a pipe is written first.
process.stdout.write('', () => process.exit())
