import { is, type Query, type SQL } from 'drizzle-orm'
import { PgDialect, PgTable } from 'drizzle-orm/pg-core'
import type { AnyPgDatabase } from '../options.js'
import type { DrizzleDatabase, DrizzleSession } from './contract.js'
import { drizzle } from './version.js'

interface Replicated { $primary?: unknown, $replicas?: DrizzleDatabase[] }

/**
 * What is behind a database of the app's.
 * @throws {TypeError} when it is no Drizzle PostgreSQL database
 */
export function toDrizzleDatabase (db: AnyPgDatabase): DrizzleDatabase {
  const database = db as unknown as DrizzleDatabase & Replicated
  const { Database } = drizzle.classes
  const looksRight = typeof db === 'object' && db !== null && (is(db, Database) || is(database.$primary, Database)) &&
    is(database.dialect, PgDialect)
  if (!looksRight) {
    throw new TypeError(
      '"db" must be a Drizzle database for PostgreSQL, as drizzle() of postgres-js, node-postgres, pglite or neon ' +
      'answers it'
    )
  }
  return database
}

/** Whether a database is a transaction of one. */
export function isTransaction (database: DrizzleDatabase): boolean {
  return is(database, drizzle.classes.Transaction)
}

/** The replicas that `withReplicas` was given; `undefined` for another database. */
export function replicasOf (database: DrizzleDatabase): DrizzleDatabase[] | undefined {
  return (database as Replicated).$replicas
}

/** Where a read goes: to a replica, as `withReplicas` chooses it. */
export function sessionForReads (database: DrizzleDatabase): DrizzleSession {
  return replicasOf(database) === undefined ? database.session : drizzle.replicaSession(database)
}

/** The tables of the schema that a database was made with, and of another one beside it. */
export function tablesOf (database: DrizzleDatabase, schema: Record<string, unknown> = {}): PgTable[] {
  const tables = [...Object.values(drizzle.schemaOf(database)), ...Object.values(schema)]
  return [...new Set(tables)].filter((table): table is PgTable => is(table, PgTable))
}

/**
 * In 1.x a database knows the tables of its relations only.
 * @throws {Error} when that is none
 */
export function assertTablesKnown (tables: PgTable[]): void {
  if (tables.length > 0 || !drizzle.asksForTables) return
  throw new Error(
    'rowLevelSecurity cannot be checked, since the database knows no tables: make it with relations, ' +
    'or give the plugin the schema: import * as schema from \'./schema.js\''
  )
}

/** A statement of the app's own as text and values. */
export function toQuery (database: DrizzleDatabase, statement: SQL): Query {
  return database.dialect.sqlToQuery(statement)
}
