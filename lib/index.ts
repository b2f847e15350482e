import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { registerAccess } from './access/register-access.js'
import { registerErrorHandler } from './responses/error-handler.js'
import { isDatabaseUnavailable } from './responses/postgres-errors.js'
import { expectInstance } from './better-auth/instance.js'
import { registerCors } from './cors/register-cors.js'
import { keepNames, refuseTakenNames } from './internal/reserved-names.js'
import { checkOptionNames, type AuthIntegrationOptions } from './options.js'
import { registerRepository } from './repository/register-repository.js'
import { registerToken } from './token/register-token.js'

async function authIntegration (app: FastifyInstance, options: AuthIntegrationOptions): Promise<void> {
  checkOptionNames(options)
  refuseTakenNames(app)
  const hadJwt = app.hasDecorator('jwt')
  if (options.betterAuth !== undefined) expectInstance(options.betterAuth)
  if (![undefined, true, false].includes(options.errorHandler)) throw new TypeError('"errorHandler" is true or false')
  if (options.errorHandler !== false) registerErrorHandler(app)
  // Before the guard, so that a preflight passes without a token and a refusal can be read.
  await registerCors(app, options)
  registerAccess(app, options, await registerToken(app, options))
  registerRepository(app, options.db, options)
  keepNames(app, { jwt: !hadJwt })
  if (options.betterAuth !== undefined) {
    const { mountBetterAuth } = await import('./better-auth/mount.js')
    mountBetterAuth(app, options.betterAuth, isDatabaseUnavailable)
  }
}

/**
 * Verifies the token, keeps the right routes open, and gives handlers `request.userId` and a Drizzle that only
 * reaches that user's rows. Register it before any route.
 * @throws {TypeError} at registration, for a mistake in the options, with a sentence that says what to do
 * @example
 * ```ts
 * import Fastify from 'fastify'
 * import authIntegration from 'fastify-auth-integration'
 *
 * const app = Fastify()
 * await app.register(authIntegration, { secret: 'at least thirty-two bytes of randomness', hook: 'onRequest' })
 * app.get('/me', async (request) => ({ userId: request.userId }))
 * ```
 */
export const fastifyAuthIntegration = fp(authIntegration, { name: 'fastify-auth-integration', fastify: '5.x' })
export default fastifyAuthIntegration

export { clientErrorHandler, frameworkErrors } from './responses/framework-errors.js'
export { parseOrigins } from './cors/origins.js'
export { AuthIntegrationError, errors } from './errors.js'
export { loggerOptions } from './logging/logger-options.js'
export { userScope } from './repository/user-scope.js'
export { timestamps } from './schema/timestamps.js'
export { organizationIsolationPolicy } from './schema/organization-isolation-policy.js'
export { forceRowLevelSecurity, userIsolationPolicy } from './schema/user-isolation-policy.js'

export type { ErrorCode, ErrorDetails } from './errors.js'
export type { LoggerOptions } from './logging/logger-options.js'
export type {
  AccessOptions, AnyPgDatabase, AuthIntegrationOptions, BetterAuthInstance, Claims, JsonWebKeySet, KeySetOptions,
  OrganizationOptions, ResourceOptions, RowLevelSecurityOptions, ScopeOptions, SharedTable, TokenOptions
} from './options.js'
export type { OrganizationPolicyOptions } from './schema/organization-isolation-policy.js'
export type { ScopeCaller, UserScope } from './repository/user-scope.js'
export type {
  FindManyOptions, OwnedInsert, OwnedPatch, Page, PaginateOptions, Register, RowId, UserDatabase, UserRepository,
  UserTransaction
} from './repository/scoped-types.js'
export type { Authenticate, RouteAccess, RouteAuth, RouteAuthRules, VerifiedToken, VerifyToken } from './types.js'
