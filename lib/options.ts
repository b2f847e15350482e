import type { FastifyCorsOptions } from '@fastify/cors'
import type { PgColumn, PgTable, PgView, PgMaterializedView } from 'drizzle-orm/pg-core'
import type { FastifyRequest } from 'fastify'
import type { AnyDatabase } from './drizzle/version-types.js'
import { refuseUnknownKeys } from './internal/unknown-keys.js'

/** The verified payload of a token; deeply frozen, since requests with the same token share it. */
export interface Claims {
  readonly iss?: string
  readonly sub?: string
  readonly aud?: string | readonly string[]
  readonly exp: number
  readonly nbf?: number
  readonly iat?: number
  readonly jti?: string
  readonly [claim: string]: unknown
}

/** Where the issuer's public keys are; all times in seconds. */
export interface KeySetOptions {
  /** https, or http on loopback. It never comes from a token. */
  url: string | URL
  /** The set is fetched again in the background after this long. Default 600. */
  refreshInterval?: number
  /** An unknown `kid` causes at most one fetch in this time, failed ones counted. Default 5. */
  cooldown?: number
  /** A fetch is given up after this long. Default 5. */
  timeout?: number
  /** During an outage the keys held serve this long after the last good fetch. Default 86400. */
  maxStale?: number
}

/** Public keys as an issuer publishes them (RFC 7517 section 5). */
export interface JsonWebKeySet {
  keys: readonly object[]
}

/** Who is calling. */
export interface TokenOptions {
  /**
   * HS256 secret, at least 32 bytes of UTF-8; a list has the current one first, then those being retired. Default, when
   * `jwks` is not given either: the environment's `BETTER_AUTH_SECRETS` (`2:new,1:old`), else its `BETTER_AUTH_SECRET`.
   */
  secret?: string | string[]
  /**
   * The issuer's key set: its URL, {@link KeySetOptions}, the set itself, or a function that returns it (an issuer in
   * the same process: `() => auth.api.getJwks()`), read when a token first needs it and again as a fetched one is.
   * Default none.
   */
  jwks?: string | URL | KeySetOptions | JsonWebKeySet | (() => JsonWebKeySet | Promise<JsonWebKeySet>)
  /** The one claim that holds the user id. Default `user_id` for the secret, `sub` for the key set. */
  userIdClaim?: string
  /** Accepted `iss`. Not checked by default; when given the claim must be there (RFC 7519 section 4.1.1). */
  issuer?: string | string[]
  /** Accepted `aud`. Not checked by default; when given the claim must be there (RFC 7519 section 4.1.3). */
  audience?: string | string[]
  /** Seconds of leeway for `exp`; `nbf` and `iat` have five more, since two clocks are never the same. Default 0. */
  clockTolerance?: number
  /** Asked on every request with a good token; a throw is 503, not access. Default none. */
  isRevoked?: (claims: Claims, request: FastifyRequest) => boolean | Promise<boolean>
}

/** May they come in. */
export interface AccessOptions {
  /**
   * Where `verifyToken` runs for every route; `false`: only where a route names it, or has `config.auth`. Default
   * `'preHandler'`.
   */
  hook?: 'preHandler' | 'onRequest' | false
  /**
   * Open paths, with everything below them by whole segments. Default `/health`, `/ready`, `/api/auth/sign-in`,
   * `/api/auth/sign-up`.
   */
  publicPaths?: string[]
  /** Route parameters that must equal the token's user. Default `['user_id', 'userId']`; `false` for none. */
  ownerParams?: string[] | false
  /**
   * The OAuth scope, or scopes (all of them), that a route needs unless it names its own with `config.auth.scope`.
   * Without one, an access token (`typ: at+jwt`), which a client was given for some scope, is 403; `false`: one of any
   * scope acts as its whole user. Default none.
   */
  scope?: string | string[] | false
  /** The claim that `config.auth.role` looks at: a string, comma or space separated, or a list. Default `'role'`. */
  roleClaim?: string
  /**
   * This API as an OAuth protected resource (RFC 9728): serves its metadata, and names them in every challenge. Default
   * none.
   */
  resource?: ResourceOptions
}

/** What clients are told about this API (RFC 9728 section 2); `scopes_supported` comes from the routes. */
export interface ResourceOptions {
  /** The API's own https URL, which its tokens have as audience; http on loopback. */
  url: string
  /** The issuers whose access tokens it accepts. */
  authorizationServers: string[]
  /** A name for people. */
  name?: string
  /** URL of a page for developers. */
  documentation?: string
}

/** A table or view that has no owner and that requests may read. */
export type SharedTable = PgTable | PgView | PgMaterializedView

/**
 * Any Drizzle database for PostgreSQL, whatever its driver; `any`, since its parameters are the app's and are not
 * checked.
 */
export type AnyPgDatabase = Pick<AnyDatabase, 'select' | 'transaction' | 'query'>

/** PostgreSQL's own policies beside the scope. */
export interface RowLevelSecurityOptions {
  /** The custom setting that holds the user id. Default `'app.user_id'`. */
  setting?: string
  /** A role to take with `set local role` in each transaction. Default none. */
  role?: string
}

/** Rows that belong to an organization: the one that the token names as active. */
export interface OrganizationOptions {
  /** The claim that holds the id of the active organization. Default `'org_id'`. */
  claim?: string
  /** Database name of the column that holds the organization a row belongs to. Default `'org_id'`. */
  column?: string
  /** Route parameters that must equal the active organization; `false` for none. Default `['org_id', 'orgId']`. */
  params?: string[] | false
  /** The custom setting of PostgreSQL in which policies find the organization. Default `'app.org_id'`. */
  setting?: string
  /**
   * Tables with both owner columns whose rows belong to the organization alone: the user column is the author, written
   * on insert and never changed through the scope. In any other table with both, both must match. Default none.
   */
  authored?: PgTable[]
}

/** What may they touch. */
export interface ScopeOptions {
  /** Database name of the owner column, or the column of a given table. Default `'user_id'`. */
  ownerColumn?: string | ((table: PgTable) => PgColumn | undefined)
  /**
   * Tables with its column belong to the active organization of the token: `true` for the defaults. Default `false`.
   */
  organization?: boolean | OrganizationOptions
  /** Tables without an owner that requests may read and never write. Default none. */
  sharedTables?: SharedTable[]
  /** Every scoped statement also runs under PostgreSQL's own policies. Default `false`. */
  rowLevelSecurity?: boolean | RowLevelSecurityOptions
  /**
   * The module of the Drizzle schema, for a database that does not know its tables: one of Drizzle 1.x without
   * `relations`. The check of `rowLevelSecurity` at start looks at them. Default: the tables that the database was made
   * with.
   */
  schema?: Record<string, unknown>
}

/** The part of a Better Auth instance that is used. */
export interface BetterAuthInstance {
  /** Handles a request of the Fetch API. */
  handler: (request: Request) => Promise<Response>
  /**
   * Its `basePath` and `advanced.ipAddress.ipAddressHeaders` are read; TypeScript would refuse options with neither if
   * they stood here.
   */
  options: object
  /** Settles when the instance has started; its base URL is the truth where it is set. */
  $context?: Promise<{ baseURL: string, adapter?: object, secondaryStorage?: object }>
}

/**
 * Options of the plugin. Every one may be left out; a secret, if only from the environment, or a key set there has to
 * be.
 */
export interface AuthIntegrationOptions extends TokenOptions, AccessOptions, ScopeOptions {
  /** A Drizzle PostgreSQL database; without it `request.db` throws. Default none. */
  db?: AnyPgDatabase
  /** Origins that browsers may call from: comma-separated, or a list. Default: the environment's `FRONTEND_URL`. */
  frontendUrl?: string | string[]
  /** Further @fastify/cors options, or `false` when the app registers @fastify/cors itself. Default `{}`. */
  cors?: Omit<FastifyCorsOptions, 'origin'> | false
  /** A Better Auth instance, mounted at its `basePath`. Default none. */
  betterAuth?: BetterAuthInstance
  /** Send every error as `{ "detail": … }`. Default `true`. */
  errorHandler?: boolean
}

const optionNames: ReadonlyArray<keyof AuthIntegrationOptions> = [
  'secret', 'jwks', 'userIdClaim', 'issuer', 'audience', 'clockTolerance', 'isRevoked',
  'hook', 'publicPaths', 'ownerParams', 'scope', 'roleClaim', 'resource',
  'db', 'ownerColumn', 'organization', 'sharedTables', 'rowLevelSecurity', 'schema',
  'frontendUrl', 'cors', 'betterAuth', 'errorHandler'
]

/**
 * Refuses an option that does not exist, so that none is accepted and ignored.
 * @throws {TypeError} naming the option
 */
export function checkOptionNames (options: object): void {
  // Fastify's own registration options arrive in the same object.
  const { prefix, logLevel, logSerializers, ...own } = options as Record<string, unknown>
  refuseUnknownKeys(own, optionNames, { of: 'fastify-auth-integration' })
}
