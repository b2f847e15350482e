#!/usr/bin/env node
import { parseOrigins } from './cors/origins.js'
import { runDoctor } from './doctor/run-doctor.js'
import { runInit } from './init/run-init.js'
import { createOwnedTables } from './scope/owned-tables.js'
import { parseScopeOptions } from './scope/scope-options.js'
import { parseKeySetOptions } from './token/key-set-options.js'
import { parseSecrets } from './token/secrets.js'

const usage = `fastify-auth-integration <command>

  init     writes a small server with its schema, environment and tests into a folder
  doctor   looks for mistakes in the environment, the Drizzle schema and the database

fastify-auth-integration <command> --help tells more.
`

// The command line is composed here, as index.ts composes the plugin: rooms do not know each other.
const [command, ...words] = process.argv.slice(2)

async function run (): Promise<number> {
  const { env, stdout, stderr } = process
  const folder = process.cwd()
  if (command === 'init') return runInit(words, { folder, stdout, stderr })
  if (command === 'doctor') {
    const rules = { parseSecrets, parseKeySetOptions, parseOrigins, createOwnedTables, parseScopeOptions }
    return await runDoctor(words, rules, { env, folder, stdout, stderr })
  }
  if (command === '--help' || command === '-h') {
    stdout.write(usage)
    return 0
  }
  stderr.write(`${command === undefined ? 'A command is missing' : `"${command}" is no command`}\n\n${usage}`)
  return 2
}

process.exitCode = await run()
// The app's schema may have opened a connection of its own, which would keep the process; a pipe is written first.
process.stdout.write('', () => process.exit())
