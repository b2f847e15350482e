import { is } from 'drizzle-orm'
import { PgMaterializedView, PgTable, PgView } from 'drizzle-orm/pg-core'
import { importModule } from './import-module.js'
import type { Declared } from './schema-facts.js'
import { UsageError } from './command-line.js'

/**
 * Imports a module and returns the tables and views it exports, by name, in its default export or in an object.
 * @throws UsageError saying what to do when it cannot be imported or exports none
 */
export async function loadSchema (path: string, folder: string): Promise<Declared[]> {
  const tables = findTables(await importModule(path, folder, '--schema'))
  if (tables.length === 0) {
    throw new UsageError(`--schema ${path} exports no Drizzle table: name the module that ` +
    'has the pgTable(…) calls')
  }
  return tables
}

function findTables (exported: unknown): Declared[] {
  const found = new Set<Declared>()
  const look = (value: unknown, depth: number): void => {
    if (isDeclared(value)) found.add(value)
    else if (depth > 0 && typeof value === 'object' && value !== null) {
      for (const inner of Object.values(value)) look(inner, depth - 1)
    }
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
