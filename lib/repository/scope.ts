import { is, Placeholder } from 'drizzle-orm'
import { PgDatabase, PgDialect, PgTransaction, type PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { AnyPgDatabase, ScopeOptions } from '../options.js'
import { ScopedDatabase } from './database.js'
import { ScopedDialect } from './dialect.js'
import { isOverHttp, type DatabaseInternals } from './drizzle-internals.js'
import { createOwnedTables } from './owned-tables.js'
import { isSingleConnection } from './node-postgres/driver.js'
import { surviveLostConnections } from './node-postgres/lost-connections.js'
import { isPostgresJs } from './postgres-js/driver.js'
import { checkRole } from './role-check.js'
import type { Owned, RegisteredDatabase, UserDatabase, UserRepository } from './scoped-types.js'
import { checkScopeNames, isSameScope, parseScopeOptions, type ParsedScopeOptions } from './scope-options.js'
import { sendable } from './postgres-js/sendable.js'
import { ScopedSession } from './session.js'
import { Statements } from './statements.js'

/** What one user may touch, outside of a request or in one. */
export interface UserScope<Database = RegisteredDatabase> {
  /** The user's Drizzle, as `request.db`. */
  db: UserDatabase<Database>
  /** Typed CRUD over one owned table, as `request.repository(table)`. */
  repository<TTable extends PgTable> (table: TTable & Owned<TTable>): UserRepository<TTable>
}

/** A database and options, compiled for any user. */
export interface CompiledScope {
  /** @throws errors.InvalidUserId */
  forUser (userId: string): UserScope
  /**
   * With row-level security, whether its policies bind the role that connects; `undefined` without.
   * @returns the owned tables that have no policies
   * @throws {Error} naming the role and the cure
   */
  checkRole: (() => Promise<string[]>) | undefined
}

/**
 * Compiles the options for a database once; scopes are cached by the value of their options.
 * @throws {TypeError} when `db` is no Drizzle PostgreSQL database or an option contradicts another
 */
export function compileScope (db: AnyPgDatabase, options: ScopeOptions = {}): CompiledScope {
  const database = toInternals(db)
  const parsed = parseScopeOptions(options)
  const scopes = compiled.get(db) ?? []
  compiled.set(db, scopes)
  const known = scopes.find(({ options }) => isSameScope(options, parsed))
  if (known !== undefined) return known.scope
  const scope = createScope(database, parsed)
  scopes.push({ options: parsed, scope })
  if (scopes.length > maxScopes) scopes.shift()
  return scope
}

const maxScopes = 32
const compiled = new WeakMap<AnyPgDatabase, Array<{ options: ParsedScopeOptions, scope: CompiledScope }>>()

function toInternals (db: AnyPgDatabase): DatabaseInternals {
  const internals = db as unknown as DatabaseInternals & { $primary?: unknown }
  const looksRight = typeof db === 'object' && db !== null && (is(db, PgDatabase) || is(internals.$primary, PgDatabase)) && is(internals.dialect, PgDialect)
  if (!looksRight) throw new TypeError('"db" must be a Drizzle database for PostgreSQL, as drizzle() of postgres-js, node-postgres, pglite or neon answers it')
  return internals
}

function createScope (database: DatabaseInternals, options: ParsedScopeOptions): CompiledScope {
  const { rowLevelSecurity } = options
  // A short transaction in it would commit what is around it.
  if (is(database, PgTransaction)) throw new TypeError('"db" is a transaction: hand over the database itself, and open the transaction with transaction() of the scope\'s db')
  if (rowLevelSecurity !== undefined && databasesOf(database).some(({ $client }) => isSingleConnection($client))) {
    throw new TypeError('"rowLevelSecurity" needs a pool, and "db" is one connection of pg, on which the transactions of several requests would become one: make it with new pg.Pool()')
  }
  if (rowLevelSecurity !== undefined && databasesOf(database).some(({ session }) => isOverHttp(session))) {
    throw new TypeError('"rowLevelSecurity" needs transactions, and the driver of "db" has none: take one that keeps a connection, as drizzle-orm/neon-serverless for Neon')
  }
  surviveLostConnections(databasesOf(database))
  const { casing } = database.dialect
  const tables = createOwnedTables(options, (column) => casing.getColumnCasing(column), database._.fullSchema)
  const allowed = rowLevelSecurity === undefined ? 'nothing' : 'sub-selects'
  const toDriver = isPostgresJs(database.session) ? sendable : undefined
  const dialectFor = (user: string | Placeholder): ScopedDialect => new ScopedDialect(user, tables, casing, allowed, toDriver)
  const statements = new Statements(dialectFor(new Placeholder('me')), preparesStatements(database))
  const forUser = (userId: string): UserScope => {
    checkUserId(userId)
    const db = new ScopedDatabase(dialectFor(userId), new ScopedSession(database, userId, statements, rowLevelSecurity))
    // The class is Drizzle's builders as they are; what they mean for a user's tables is in the types.
    return { db, repository: (table: PgTable) => db.repository(table) } as unknown as UserScope
  }
  return { forUser, checkRole: rowLevelSecurity === undefined ? undefined : async () => await checkRole(database, tables, rowLevelSecurity) }
}

function databasesOf (database: DatabaseInternals): DatabaseInternals[] {
  return [database, ...(database.$replicas ?? []) as DatabaseInternals[]]
}

// PgBouncer without prepared statements is told to the `postgres` client as `prepare: false`.
function preparesStatements (database: DatabaseInternals): boolean {
  return databasesOf(database).every(({ $client }) => $client?.options?.prepare !== false)
}

/** @throws errors.InvalidUserId unless the id is a non-empty, well-formed string without NUL */
function checkUserId (userId: string): void {
  if (typeof userId !== 'string' || userId === '' || !userId.isWellFormed() || userId.includes('\0')) throw new errors.InvalidUserId()
}

/**
 * The user's database and repositories outside of a request: for queues, sockets and scripts.
 * @param db any Drizzle PostgreSQL database
 * @param userId whose rows; a non-empty, well-formed string
 * @param options as on the plugin: `ownerColumn`, `sharedTables`, `rowLevelSecurity`
 * @throws errors.InvalidUserId
 * @throws {TypeError} when `db` is no Drizzle PostgreSQL database or a transaction of one, an option does not exist or contradicts another
 */
export function userScope<Database extends AnyPgDatabase> (db: Database, userId: string, options: ScopeOptions = {}): UserScope<Database> {
  checkScopeNames(options)
  return compileScope(db, options).forUser(userId) as unknown as UserScope<Database>
}
