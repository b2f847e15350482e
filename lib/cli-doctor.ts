import { parseOrigins } from './cors/origins.js'
import type { Rules } from './doctor/check.js'
import { runDoctor } from './doctor/run-doctor.js'
import { createOwnedTables } from './scope/owned-tables.js'
import { parseScopeOptions } from './scope/scope-options.js'
import { parseKeySetOptions } from './token/key-set-options.js'
import { parseSecrets } from './token/secrets.js'

// The doctor is composed here, as index.ts composes the plugin: modules do not know each other.
const rules: Rules = {
  checkSecrets: (env) => { parseSecrets({}, env) },
  checkKeySet: parseKeySetOptions,
  checkOrigins: parseOrigins,
  readScope: parseScopeOptions,
  ownerOf: (source, ownerColumn, columnName) =>
    createOwnedTables({ ownerColumn, sharedTables: [] }, columnName).ownersOf(source)[0]?.column
}

/** Runs the doctor with the rules of the other modules; resolves to its exit status. */
export async function doctor (words: string[], surroundings: Parameters<typeof runDoctor>[2]): Promise<number> {
  return await runDoctor(words, rules, surroundings)
}
