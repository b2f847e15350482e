import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { is } from 'drizzle-orm'
import { PgMaterializedView, PgTable, PgView } from 'drizzle-orm/pg-core'
import type { Declared } from './schema-facts.js'

/** What the command line got wrong; the process ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Imports a module and answers the tables and views it exports, by name, in its default export or in an object.
 * @throws UsageError saying what to do when it cannot be imported or exports none
 */
export async function loadSchema (path: string, folder: string): Promise<Declared[]> {
  const tables = findTables(await importModule(path, folder, '--schema'))
  if (tables.length === 0) throw new UsageError(`--schema ${path} exports no Drizzle table: name the module that has the pgTable(…) calls`)
  return tables
}

/**
 * Imports a module of the app's.
 * @param option which named it, for the sentence
 * @throws UsageError saying what to do when it cannot be imported
 */
export async function importModule (path: string, folder: string, option: '--schema' | '--config'): Promise<unknown> {
  const file = resolve(folder, path)
  if (!existsSync(file)) throw new UsageError(`${option} ${path}: there is no such file in ${folder}`)
  try {
    return await import(pathToFileURL(file).href)
  } catch (error) {
    throw new UsageError(whyNot(error, path, option), { cause: error })
  }
}

function whyNot (error: unknown, path: string, option: string): string {
  const { code, message } = error as NodeJS.ErrnoException
  const says = `${code === undefined ? '' : `${code}: `}${message ?? String(error)}`
  if (!/\.[cm]?tsx?$/.test(path)) return `${option} ${path} could not be imported. ${says}`
  const why = code === 'ERR_UNKNOWN_FILE_EXTENSION'
    ? `this Node.js (${process.version}) does not import TypeScript`
    // Node.js takes types away and does nothing else: './tables.js' is not looked for in tables.ts.
    : `this Node.js (${process.version}) could not import it as it is (${says})`
  return `${option} ${path} is TypeScript, and ${why}. Name the compiled file, or let tsx read it: NODE_OPTIONS="--import tsx" npx fastify-auth-integration doctor ${option} ${path}`
}

function findTables (exported: unknown): Declared[] {
  const found = new Set<Declared>()
  const look = (value: unknown, depth: number): void => {
    if (isDeclared(value)) found.add(value)
    else if (depth > 0 && typeof value === 'object' && value !== null) for (const inner of Object.values(value)) look(inner, depth - 1)
  }
  // The module, its default export, and the object `schema` in either.
  look(exported, 3)
  return [...found]
}

function isDeclared (value: unknown): value is Declared {
  // A module has no prototype, which Drizzle's is() does not expect.
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) === null) return false
  return is(value, PgTable) || is(value, PgView) || is(value, PgMaterializedView)
}
