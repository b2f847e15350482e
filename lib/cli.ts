#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { parseOrigins } from './cors/origins.js'
import type { Rules } from './doctor/check.js'
import { runDoctor } from './doctor/run-doctor.js'
import { runInit } from './init/run-init.js'
import { runSkill } from './init/run-skill.js'
import { createOwnedTables } from './scope/owned-tables.js'
import { parseScopeOptions } from './scope/scope-options.js'
import { parseKeySetOptions } from './token/key-set-options.js'
import { parseSecrets } from './token/secrets.js'

const usage = `fastify-auth-integration <command>

  init     writes a small server with its schema, environment and tests into a folder
  doctor   checks the environment, the Drizzle schema and the database for mistakes
  skill    copies a skill for coding agents into a project

  --version   prints the version
  --help      prints this

fastify-auth-integration <command> --help lists the options of a command.
`

// The command line is composed here, as index.ts composes the plugin: modules do not know each other.
const rules: Rules = {
  checkSecrets: (env) => { parseSecrets({}, env) },
  checkKeySet: parseKeySetOptions,
  checkOrigins: parseOrigins,
  readScope: parseScopeOptions,
  ownerOf: (source, ownerColumn, columnName) =>
    createOwnedTables({ ownerColumn, sharedTables: [] }, columnName).ownersOf(source)[0]?.column
}

const [command, ...words] = process.argv.slice(2)

async function run (): Promise<number> {
  const { env, stdout, stderr } = process
  const folder = process.cwd()
  if (command === 'init') return runInit(words, { folder, env, stdout, stderr })
  if (command === 'skill') return runSkill(words, { folder, stdout, stderr })
  if (command === 'doctor') {
    return await runDoctor(words, rules, { env, folder, stdout, stderr })
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
