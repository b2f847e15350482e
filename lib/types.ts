import type { FastifyRequest } from 'fastify'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { OtherWords } from './internal/other-keys.js'
import type { Claims } from './options.js'
import type { Owned, UserDatabase, UserRepository } from './repository/scoped-types.js'

/** What a verified request is known by: who is calling. */
export interface VerifiedToken {
  userId: string
  /** The active organization, by the claim that the `organization` option names; absent without the option. */
  organizationId?: string | null
  /** Deeply frozen: requests with the same token share it. */
  claims: Claims
  /** The scopes the token was given, by `scope` or `scp`. */
  scopes: readonly string[]
  /** An access token, which a client was given for its scopes (RFC 9068: `typ` is `at+jwt`), and not the user's own. */
  isAccessToken: boolean
  /** Who acts as the user, by `act` or `impersonatedBy`; `undefined` for the user alone. */
  actor?: Readonly<Record<string, unknown>> | undefined
}

/**
 * Verifies the request's bearer token; throws `errors.MissingToken`, `TokenExpired`, `InvalidToken`,
 * `TokenRevoked`, `KeySetUnavailable` or `RevocationUnavailable`. Returns without a promise where it can.
 */
export type Authenticate = (request: FastifyRequest) => VerifiedToken | Promise<VerifiedToken>

type NoOtherRules = { readonly [other in OtherWords<'owner' | 'scope' | 'role' | 'impersonation'>]?: never }

/** What a route asks beside a token; any other key is a type error where it is written. */
export interface RouteAuthRules extends NoOtherRules {
  /** The parameter, or parameters, that must be the caller; `false` for none. */
  owner?: string | string[] | false
  /**
   * The scope, or scopes (all of them), that the token must hold; `false` for none, also for an access token. Default:
   * the plugin's `scope`.
   */
  scope?: string | string[] | false
  /** The role, or one of several, that the claim `roleClaim` must hold. */
  role?: string | string[]
  /** `false`: not with a token by which somebody acts as the user (`act`, `impersonatedBy`). */
  impersonation?: boolean
}

/** `config.auth` of a route: `true` is the default, said. */
export type RouteAuth = boolean | 'optional' | RouteAuthRules

/**
 * The verifying hook. Its parameters are `any`, so that it stands where a hook of `onRequest`, `preValidation` or
 * `preHandler` does, whatever the app's server (HTTP/2, https), logger and type provider are.
 */
export type VerifyToken = (request: any, reply: any, done: (error?: Error) => void) => void

/** The part of @fastify/jwt's `app.jwt` that is promised here; an app that imports @fastify/jwt has its whole type. */
export interface AppJwt {
  /** Signs with the current secret (HS256); 15 minutes to live unless `exp` or `expiresIn` says otherwise. */
  sign(
    payload: string | object | Buffer,
    options?: { expiresIn?: number | string; notBefore?: number | string }
  ): string
  /** Verifies with the current secret, by @fastify/jwt's own rules. */
  verify<TDecoded extends object | string> (token: string): TDecoded
  /** Reads without verifying. */
  decode<TDecoded extends object | string> (token: string): TDecoded | null
}

/** Base of Fastify's instance, and no property of its own: @fastify/jwt's declaration of `jwt` may stand beside it. */
export interface JwtHolder {
  /** @fastify/jwt's own decorator, when there is a secret: `app.jwt.sign({ user_id })` in tests. */
  jwt: AppJwt
}

/** A route, and who may pass. */
export interface RouteAccess {
  method: string
  url: string
  access: 'public' | 'optional' | 'token' | 'owner'
  /** Which rule decided, in words. */
  why: string
  /** Where that rule stands: `publicPaths`, `ownerParams`, `config.auth`, `route hook`, `hook`, `default`. */
  where: string
  /** The scopes that a token must hold, all of them; absent when the route names none. */
  scope?: string[]
  /** The roles of which a token must hold one; absent when the route names none. */
  role?: string[]
  /** Present where a token by which somebody acts as the user is refused. */
  impersonation?: false
  /** The route's constraints, such as its version; absent when it has none. */
  constraints?: Record<string, string>
}

/** Under this key the guard keeps the schemas of its routes, by `METHOD url`, for the testing kit. */
export const routeSchemas = Symbol.for('fastify-auth-integration.route-schemas')

declare module 'fastify' {
  interface FastifyContextConfig {
    auth?: RouteAuth
  }
  interface FastifyRequest {
    /** The verified user; reading it on a request nobody verified throws 401. */
    readonly userId: string
    /**
     * The active organization of the token, or `null`: without one, and without the `organization` option. Reading it
     * on a request nobody verified throws 401.
     */
    readonly organizationId: string | null
    /** The verified claims, deeply frozen, or `null`. */
    readonly claims: Claims | null
    /** The user's Drizzle: the builders you know, and only the user's rows. */
    readonly db: UserDatabase
    /** Typed CRUD over one owned table. */
    repository<TTable extends PgTable> (table: TTable & Owned<TTable>): UserRepository<TTable>
  }
  interface FastifyInstance extends JwtHolder {
    /** The verifying hook itself, for `{ onRequest: app.verifyToken }` on a route. */
    verifyToken: VerifyToken
    /** Every route with its access and why. */
    routeAccess (): RouteAccess[]
  }
}
