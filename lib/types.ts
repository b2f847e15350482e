import type { JWT } from '@fastify/jwt'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { Claims } from './options.js'
import type { Owned, UserDatabase, UserRepository } from './repository/scoped-types.js'

/** What the token room answers about a request: who is calling. */
export interface VerifiedToken {
  userId: string
  /** Deeply frozen: remembered tokens share one object. */
  claims: Claims
}

/**
 * Verifies the request's bearer token; throws `errors.MissingToken`, `TokenExpired`, `InvalidToken`,
 * `TokenRevoked`, `KeySetUnavailable` or `RevocationUnavailable`. Answers without a promise where it can.
 */
export type Authenticate = (request: FastifyRequest) => VerifiedToken | Promise<VerifiedToken>

/** `config.auth` of a route. */
export type RouteAuth = false | 'optional' | {
  /** The parameter, or parameters, that must be the caller; `false` for none. */
  owner?: string | string[] | false
}

/** One door: a route and who may pass. */
export interface RouteAccess {
  method: string
  url: string
  access: 'public' | 'optional' | 'token' | 'owner'
  /** Which rule decided, in words. */
  why: string
  /** Where that rule stands: `publicPaths`, `ownerParams`, `config.auth`, `route hook`, `hook`, `default`. */
  where: string
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
    /** The verified claims, deeply frozen, or `null`. */
    readonly claims: Claims | null
    /** The user's Drizzle: the builders you know, and only the user's rows. */
    readonly db: UserDatabase
    /** Typed CRUD over one owned table. */
    repository<TTable extends PgTable> (table: TTable & Owned<TTable>): UserRepository<TTable>
  }
  interface FastifyInstance {
    /** The verifying hook itself, for `{ onRequest: app.verifyToken }` on a route. */
    verifyToken: onRequestHookHandler
    /** @fastify/jwt's own, when there is a secret: `app.jwt.sign({ user_id })` in tests. Named here so that apps of this package see it. */
    jwt: JWT
    /** Every route with its access and why. */
    routeAccess (): RouteAccess[]
  }
}
