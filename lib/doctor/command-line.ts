import { parseArgs } from 'node:util'
import { formatType } from './column-types.js'
import type { Casing } from './schema-facts.js'

/** What the command line got wrong; the process ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** A `TypeError` of the plugin's own rules is a sentence for whoever called. */
export function asUsage<T> (judge: () => T): T {
  try {
    return judge()
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message, { cause: error }) : error
  }
}

/** What `--help` prints. */
export const usage = `fastify-auth-integration doctor: checks the environment, the Drizzle schema and the database.

  npx fastify-auth-integration doctor [options]

It reads BETTER_AUTH_SECRET (or BETTER_AUTH_SECRETS), FRONTEND_URL, NODE_ENV and DATABASE_URL, and writes nothing.
Without DATABASE_URL the database is not checked, without --schema the schema is not.

  --schema <path>          a module that exports the Drizzle tables; may be given more than once
  --config <path>          a module that exports the plugin's ownerColumn, sharedTables and rowLevelSecurity;
                           options on the command line take precedence
  --owner-column <name>    as the ownerColumn option has it (default user_id)
  --shared-tables <names>  tables without an owner, by their names in the database, separated by commas
  --casing <casing>        as drizzle() has it: snake_case or camelCase
  --user-id-type <type>    the type of user ids (default: of Better Auth's user table, else text)
  --row-level-security     the app uses it (default: detected from the tables)
  --setting <name>         the setting that rowLevelSecurity names (default app.user_id)
  --role <name>            the role that rowLevelSecurity names
  --jwks <url>             tokens are verified by this key set, not by a secret
  --env-file <path>        a file with variables that are not in the environment;
                           --env-file-if-exists <path> where there may be none
  --json                   print one JSON document
  --help                   print this

Exit status: 0 without errors (warnings are allowed), 1 with errors, 2 for a mistake on the command line.
`

/** The options, read and checked. */
export interface CommandLine {
  help: boolean
  json: boolean
  schema: string[]
  config?: string
  ownerColumn?: string
  sharedTables: string[]
  casing: Casing
  userIdType?: string
  rowLevelSecurity: boolean
  setting?: string
  role?: string
  jwks?: string
  envFile?: string
  /** A missing `envFile` is no mistake. */
  envFileIsOptional: boolean
}

/** @throws UsageError naming the option */
export function parseCommandLine (words: string[]): CommandLine {
  const { values } = parse(words)
  const { casing } = values
  if (casing !== undefined && casing !== 'snake_case' && casing !== 'camelCase') {
    throw new UsageError(`--casing takes snake_case or camelCase, not "${casing}"`)
  }
  for (const name of [
    'schema',
    'config',
    'owner-column',
    'user-id-type',
    'setting',
    'role',
    'jwks',
    'env-file',
    'env-file-if-exists'
  ] as const) {
    if ([values[name]].flat().includes('')) throw new UsageError(`--${name} is empty`)
  }
  return {
    help: values.help,
    json: values.json,
    schema: values.schema,
    config: values.config,
    ownerColumn: values['owner-column'],
    sharedTables: values['shared-tables']
      .flatMap((names) => names.split(','))
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    casing,
    userIdType: values['user-id-type'] === undefined ? undefined : formatType(values['user-id-type']),
    rowLevelSecurity: values['row-level-security'],
    setting: values.setting,
    role: values.role,
    jwks: values.jwks,
    envFile: values['env-file'] ?? values['env-file-if-exists'],
    envFileIsOptional: values['env-file'] === undefined
  }
}

function parse (words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        schema: { type: 'string', multiple: true, default: [] },
        config: { type: 'string' },
        'owner-column': { type: 'string' },
        'shared-tables': { type: 'string', multiple: true, default: [] },
        casing: { type: 'string' },
        'user-id-type': { type: 'string' },
        'row-level-security': { type: 'boolean', default: false },
        setting: { type: 'string' },
        role: { type: 'string' },
        jwks: { type: 'string' },
        'env-file': { type: 'string' },
        'env-file-if-exists': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' }
      }
    })
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}
