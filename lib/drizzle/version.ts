import { is, sql, StringChunk } from 'drizzle-orm'
import * as pgCore from 'drizzle-orm/pg-core'
import type { DrizzleVersion } from './contract.js'
import { drizzle045 } from './drizzle-0.45.js'
import { createDrizzle1 } from './drizzle-1.js'

// What the scoped dialect overrides: under another name it would not be asked any more.
const methods = [
  'buildFromTable', 'buildJoins', 'buildWithCTE', 'buildSelection', 'buildSelectQuery', 'buildSetOperations',
  'buildUpdateSet',
  'buildInsertQuery', 'buildUpdateQuery', 'buildDeleteQuery', 'buildRefreshMaterializedViewQuery', 'sqlToQuery'
]

/**
 * Refuses a Drizzle whose inside is not as expected, so that nothing is rendered past the scope.
 * @throws {Error} naming what is not there
 */
export function expectShape (
  version: Pick<DrizzleVersion, 'name' | 'range' | 'classes' | 'textOf' | 'fault'>,
  dialect: object = pgCore.PgDialect.prototype
): void {
  const [chunk] = sql`select`.queryChunks
  const missing = Object.entries(version.classes).find(([, found]) => typeof found !== 'function')?.[0] ??
    methods.find((method) => typeof (dialect as Record<string, unknown>)[method] !== 'function') ??
    (is(chunk, StringChunk) && isText(version, chunk) ? version.fault() : 'StringChunk')
  if (missing === undefined) return
  throw new Error(
    `The drizzle-orm that is installed is not one fastify-auth-integration knows (${missing} is not as in ` +
    `${version.name}): install drizzle-orm ${version.range}`
  )
}

function isText ({ textOf }: Pick<DrizzleVersion, 'textOf'>, chunk: StringChunk): boolean {
  try {
    return textOf(chunk) === 'select'
  } catch {
    return false
  }
}

/** The version of Drizzle that is installed, recognised by what it has. */
export const drizzle: DrizzleVersion = 'PgAsyncDatabase' in pgCore ? createDrizzle1() : drizzle045

expectShape(drizzle)
