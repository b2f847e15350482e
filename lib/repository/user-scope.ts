import type { PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { Caller } from '../internal/organization.js'
import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import type { AnyPgDatabase, ScopeOptions } from '../options.js'
import { ScopedDatabase } from '../scope/database.js'
import { ScopedDialect } from '../scope/dialect.js'
import type { Driver } from '../drivers/driver.js'
import { driverOf } from '../drivers/driver-of.js'
import type { DrizzleDatabase } from '../drizzle/contract.js'
import { assertTablesKnown, isTransaction, replicasOf, tablesOf, toDrizzleDatabase } from '../drizzle/database.js'
import { columnNameOf } from '../drizzle/dialect.js'
import { createOwnedTables } from '../scope/owned-tables.js'
import { checkBothOwners } from '../schema/both-owners-check.js'
import { checkRole } from '../schema/role-check.js'
import type { Owned, RegisteredDatabase, UserDatabase, UserRepository } from './scoped-types.js'
import { checkScopeNames, isSameScope, parseScopeOptions, type ParsedScopeOptions } from '../scope/scope-options.js'
import { ScopedSession } from '../scope/session.js'
import type { StatementHolder } from '../scope/statement-holder.js'
import { StatementNames } from '../scope/statement-names.js'
import { OwnerParameter, type OwnerValues } from '../scope/parameters.js'
import { CompiledTables } from './compiled-queries.js'
import { Repository } from './repository.js'

/** What one user may touch, outside of a request or in one. */
export interface UserScope<Database = RegisteredDatabase> {
  /** The user's Drizzle, as `request.db`. */
  db: UserDatabase<Database>
  /** Typed CRUD over one owned table, as `request.repository(table)`. */
  repository<TTable extends PgTable> (table: TTable & Owned<TTable>): UserRepository<TTable>
}

/** Whose rows a scope reaches. */
export interface ScopeCaller {
  userId: string
  /** The active organization. Default none. */
  organizationId?: string | null
}

/** A database and options, compiled for any user. */
export interface CompiledScope {
  /**
   * @param holder who may run what is prepared by `prepare()`. Default: whoever has it
   * @throws errors.InvalidUserId
   * @throws errors.InvalidOrganizationId
   */
  forCaller (caller: Caller, holder?: StatementHolder): UserScope
  /**
   * With row-level security, whether its policies bind the role that connects; `undefined` without.
   * @returns the owned tables that have no policies
   * @throws {Error} naming the role and the remedy
   */
  checkRole: (() => Promise<string[]>) | undefined
  /** Where to say, once, that statements are not prepared any more. Default: a warning of the process. */
  onWarning (warn: (sentence: string) => void): void
}

/**
 * Compiles the options for a database once; scopes are cached by the value of their options.
 * @throws {TypeError} when `db` is no Drizzle PostgreSQL database or an option contradicts another
 */
export function compileScope (db: AnyPgDatabase, options: ScopeOptions = {}): CompiledScope {
  const database = toDrizzleDatabase(db)
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

function createScope (database: DrizzleDatabase, options: ParsedScopeOptions): CompiledScope {
  const { rowLevelSecurity } = options
  // A short transaction in it would commit what is around it.
  if (isTransaction(database)) {
    throw new TypeError(
      '"db" is a transaction: hand over the database itself, and open the transaction with transaction() of the ' +
      'scope\'s db'
    )
  }
  const drivers = driversOf(database)
  if (rowLevelSecurity !== undefined) checkTransactions(drivers)
  const { dialect } = database
  const schema = tablesOf(database, options.schema)
  const tables = createOwnedTables(options, (column) => columnNameOf(dialect, column), schema)
  const allowed = rowLevelSecurity === undefined ? 'nothing' : 'sub-selects'
  const dialectFor = (caller: OwnerValues): ScopedDialect => {
    return new ScopedDialect(caller, tables, dialect, allowed, drivers[0].encode)
  }
  const compiled = new CompiledTables(
    dialectFor({ user: new OwnerParameter('user'), organization: new OwnerParameter('organization') })
  )
  const checkPolicies = async (role: string | undefined): Promise<string[]> => {
    const open = await checkRole(database, schema.filter((table) => tables.ownersOf(table).length > 0), role)
    assertTablesKnown(schema)
    const { setting, organizationSetting } = rowLevelSecurity!
    if (organizationSetting !== undefined) {
      const ofBoth = schema.filter((table) => tables.ownersOf(table).length > 1)
      await checkBothOwners(database, ofBoth, [setting, organizationSetting])
    }
    return open
  }
  const names = new StatementNames(drivers.every(({ preparesStatements }) => preparesStatements))
  const forCaller = ({ userId, organizationId }: Caller, holder?: StatementHolder): UserScope => {
    if (!isId(userId)) throw new errors.InvalidUserId()
    if (organizationId !== null && !isId(organizationId)) throw new errors.InvalidOrganizationId()
    if (organizationId !== null && options.organization === undefined) {
      throw new TypeError('"organizationId" needs the "organization" option, which says what belongs to organizations')
    }
    const caller = { user: userId, organization: organizationId }
    const session = new ScopedSession(
      database, drivers[0], dialectFor(caller), names, rowLevelSecurity, undefined, holder
    )
    const db = new ScopedDatabase(
      session, (table, db, session) => new Repository(table, db, session, compiled.of(table))
    )
    // The class is Drizzle's builders as they are; what they mean for a user's tables is in the types.
    return { db, repository: (table: PgTable) => db.repository(table) } as unknown as UserScope
  }
  const onWarning = (warn: (sentence: string) => void): void => { names.warn = warn }
  if (rowLevelSecurity === undefined) return { forCaller, onWarning, checkRole: undefined }
  return { forCaller, onWarning, checkRole: async () => await checkPolicies(rowLevelSecurity.role) }
}

/** The driver of the database, and those of its replicas. */
function driversOf (database: DrizzleDatabase): [Driver, ...Driver[]] {
  return [driverOf(database.session), ...(replicasOf(database) ?? []).map(({ session }) => driverOf(session))]
}

/** @throws {TypeError} for a driver without transactions of its own for each request */
function checkTransactions (drivers: Driver[]): void {
  if (drivers.some(({ isSingleConnection }) => isSingleConnection)) {
    throw new TypeError(
      '"rowLevelSecurity" needs a pool, and "db" is one connection of pg, on which the transactions of several ' +
      'requests would become one: make it with new pg.Pool()'
    )
  }
  if (drivers.some(({ isOverHttp }) => isOverHttp)) {
    throw new TypeError(
      '"rowLevelSecurity" needs transactions, and the driver of "db" has none: take one that keeps a connection, as ' +
      'drizzle-orm/neon-serverless for Neon'
    )
  }
}

/** A non-empty, well-formed string without NUL. */
function isId (id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.isWellFormed() && !id.includes('\0')
}

function readCaller (caller: string | ScopeCaller): Caller {
  if (typeof caller === 'string') return { userId: caller, organizationId: null }
  if (typeof caller?.userId !== 'string') throw new errors.InvalidUserId()
  refuseUnknownKeys(caller, ['userId', 'organizationId'], { of: 'the caller of userScope()' })
  return { userId: caller.userId, organizationId: caller.organizationId ?? null }
}

/**
 * The user's database and repositories outside of a request: for queues, sockets and scripts.
 * @param db any Drizzle PostgreSQL database
 * @param caller whose rows: the id of a user, or `{ userId, organizationId }` with the active organization; non-empty,
 * well-formed strings
 * @param options as on the plugin: `ownerColumn`, `organization`, `sharedTables`, `rowLevelSecurity`, `schema`
 * @throws errors.InvalidUserId
 * @throws errors.InvalidOrganizationId
 * @throws {TypeError} when `db` is no Drizzle PostgreSQL database or a transaction of one, an option does not exist or
 * contradicts another
 */
export function userScope<Database extends AnyPgDatabase> (
  db: Database, caller: string | ScopeCaller, options: ScopeOptions = {}
): UserScope<Database> {
  checkScopeNames(options)
  return compileScope(db, options).forCaller(readCaller(caller)) as unknown as UserScope<Database>
}
