import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { checks } from './checks.js'
import { parseCommandLine, usage, UsageError, type CommandLine } from './command-line.js'
import { connect, importFrom, type Connection, type Import } from './connect.js'
import { databaseFacts } from './database-facts.js'
import { ownedTables, type Examined, type Rules, type Finding } from './check.js'
import type { DatabaseFacts } from './facts.js'
import { loadSchema } from './load-schema.js'
import { readPluginOptions, type PluginOptions } from './plugin-options.js'
import { createProgress, type Progress, type Terminal } from './progress.js'
import { asJson, asTable, count } from './report.js'
import { createColumnNames } from '../drizzle/casing.js'
import { schemaFacts } from './schema-facts.js'
import { subjectsOf, userIdTypeOf, type DeclaredTable } from './subjects.js'

/** The process around the doctor. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  folder: string
  stdout: Pick<Terminal, 'write'>
  stderr: Terminal
  /** How packages of the app are found; from `folder` by default. */
  importPackage?: Import
}

/**
 * Checks environment, schema and database and prints what it found.
 * @param words the command line after `doctor`
 * @returns the exit status: 0 without errors, 1 with errors, 2 for a mistake on the command line
 */
export async function runDoctor (words: string[], rules: Rules, around: Surroundings): Promise<number> {
  const progress = createProgress(around.stderr)
  try {
    const line = parseCommandLine(words)
    if (line.help) {
      around.stdout.write(usage)
      return 0
    }
    const report = await examine(line, rules, around, progress)
    progress.clear()
    around.stdout.write(line.json ? asJson(report) : asTable(report))
    return count(report).errors > 0 ? 1 : 0
  } catch (error) {
    progress.clear()
    if (!(error instanceof UsageError)) throw error
    around.stderr.write(`${error.message}\nfastify-auth-integration doctor --help lists the options.\n`)
    return 2
  }
}

async function examine (line: CommandLine, rules: Rules, around: Surroundings, progress: Progress) {
  const env = { ...readEnvFile(line, around.folder), ...around.env }
  const options = await readPluginOptions(line, rules, around.folder)
  const declared = await readSchema(line, around, progress)
  const { database, failure } = await readDatabase(env.DATABASE_URL, options, around, progress)
  const examined = gather(line, options, rules, env, declared, database)
  const findings = checks.flatMap((check, index) => {
    progress.show('Checking', index + 1, checks.length)
    return check(examined)
  })
  return { checked: checkedPlaces(examined, line), findings: [...failure, ...findings] }
}

function gather (
  line: CommandLine,
  options: PluginOptions,
  rules: Rules,
  env: NodeJS.ProcessEnv,
  declared: DeclaredTable[] | undefined,
  database: DatabaseFacts | undefined
): Examined {
  const columnName = createColumnNames(line.casing)
  const tables = subjectsOf(declared, database, { ...options, columnName }, rules.ownerOf)
  const facts = declared?.map(({ facts }) => facts)
  const examined: Examined = {
    env,
    rules,
    jwks: line.jwks,
    ownerColumn: typeof options.ownerColumn === 'string' ? options.ownerColumn : undefined,
    userIdType: line.userIdType ?? userIdTypeOf([...(database?.tables ?? []), ...(facts ?? [])]),
    isUserIdTypeGiven: line.userIdType !== undefined,
    tables,
    declared: facts,
    found: database?.tables,
    role: database?.role,
    version: database?.version ?? 0,
    rowLevelSecurity: options.rowLevelSecurity,
    setting: options.setting
  }
  examined.rowLevelSecurity ||= ownedTables(examined).some(
    (table) => table.rowLevelSecurity || table.policies.length > 0
  )
  return examined
}

function readEnvFile ({ envFile: path, envFileIsOptional }: CommandLine, folder: string): NodeJS.Dict<string> {
  if (path === undefined || (envFileIsOptional && !existsSync(resolve(folder, path)))) return {}
  try {
    return parseEnv(readFileSync(resolve(folder, path), 'utf8'))
  } catch (error) {
    throw new UsageError(`--env-file ${path} could not be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}

async function readSchema (
  { schema, casing }: CommandLine,
  { folder }: Surroundings,
  progress: Progress
): Promise<DeclaredTable[] | undefined> {
  if (schema.length === 0) return undefined
  const found = new Map<string, DeclaredTable>()
  for (const path of schema) {
    progress.show(`Importing ${path}`)
    for (const source of await loadSchema(path, folder)) {
      const facts = schemaFacts(source, casing)
      found.set(facts.key, { source, facts })
    }
  }
  return [...found.values()]
}

async function readDatabase (
  url: string | undefined,
  { role }: PluginOptions,
  around: Surroundings,
  progress: Progress
): Promise<{ database?: DatabaseFacts, failure: Finding[] }> {
  if (url === undefined || url === '') return { failure: [] }
  // The text may hold a password, so it is not repeated.
  if (!/^postgres(?:ql)?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UsageError('DATABASE_URL must look like ' +
    'postgres://user:password@host:5432/database')
  }
  let connection: Connection | undefined
  try {
    progress.show('Connecting')
    connection = await connect(url, around.importPackage ?? importFrom(around.folder))
    return {
      database: await databaseFacts(connection.query, role, (what, done, total) =>
        progress.show(`Reading ${what}`, done + 1, total)
      ),
      failure: []
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    return { failure: [unreadable(error)] }
  } finally {
    await connection?.end().catch(() => {})
  }
}

function unreadable (error: unknown): Finding {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: Error[] }
  // A name with two addresses fails with one error for each, and no message of its own.
  const says = [code, message || errors?.map(({ message }) => message).join('; ')].filter(Boolean).join(': ')
  return {
    check: 'database',
    severity: 'error',
    place: 'DATABASE_URL',
    problem: `The database could not be read: ${says}`,
    why: 'The tables could not be checked, and the server will fail in the same way.',
    edit: 'Start the database, or correct DATABASE_URL. Any role that can connect can read what the doctor reads.'
  }
}

function checkedPlaces (examined: Examined, line: CommandLine): string[] {
  const { declared, found, role, rowLevelSecurity } = examined
  const owned = ownedTables(examined).length
  return [
    `the environment (verified by ${line.jwks === undefined ? 'a secret' : 'a key set'})`,
    declared === undefined ? 'no schema: --schema names its module' : `the schema: ${declared.length} tables and views`,
    found === undefined
      ? 'no database: DATABASE_URL names it'
      : `the database: ${found.length} tables and views, as role ${role!.name}`,
    ...(declared === undefined && found === undefined
      ? []
      : [`${owned} owned tables, row-level security ${rowLevelSecurity ? 'in use' : 'not in use'}`])
  ]
}
