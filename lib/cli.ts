#!/usr/bin/env node
import { parseOrigins } from './cors/origins.js'
import { runDoctor } from './doctor/run-doctor.js'
import { createOwnedTables } from './repository/owned-tables.js'
import { parseKeySetOptions } from './token/key-set-options.js'
import { parseSecrets } from './token/secrets.js'

// The command line is composed here, as index.ts composes the plugin: rooms do not know each other.
const [command, ...words] = process.argv.slice(2)

async function run (): Promise<number> {
  if (command === 'doctor' || command === '--help' || command === '-h') {
    const rules = { parseSecrets, parseKeySetOptions, parseOrigins, createOwnedTables }
    const { env, stdout, stderr } = process
    return await runDoctor(command === 'doctor' ? words : ['--help'], rules, { env, folder: process.cwd(), stdout, stderr })
  }
  process.stderr.write(`${command === undefined ? 'A command is missing' : `"${command}" is no command`}: npx fastify-auth-integration doctor --help\n`)
  return 2
}

process.exitCode = await run()
// The app's schema may have opened a connection of its own, which would keep the process; a pipe is written first.
process.stdout.write('', () => process.exit())
