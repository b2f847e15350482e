import { inspect } from 'node:util'
import type { FastifyInstance, onRequestHookHandler, RouteOptions } from 'fastify'
import { reportWarnings } from '../internal/report-warnings.js'
import { parseOrganization } from '../internal/organization.js'
import type { AccessOptions, ScopeOptions } from '../options.js'
import { routeSchemas, type Authenticate } from '../types.js'
import { findWarnings } from './boot-report.js'
import { decorateCaller } from './caller.js'
import { isRoot, refuseEarlyRoutes } from './early-routes.js'
import { parseScope, type Demands } from './demands.js'
import { describeInOpenapi } from './openapi.js'
import { parseResource, serveMetadata } from './protected-resource.js'
import { parsePublicPaths } from './public-paths.js'
import { listRouteAccess, listSchemas, scopesOf, type KnownRoute } from './route-access.js'
import { addHooks, namesHook } from './route-hooks.js'
import { decideRule, preflightRoute, type RulePolicy } from './route-rules.js'
import { createVerifyToken, ruleKey, type VerifyTokenParts } from './verify-token.js'

const defaultPublicPaths = ['/health', '/ready', '/api/auth/sign-in', '/api/auth/sign-up']
const defaultOwnerParams = ['user_id', 'userId']

function parseOwnerParams (option: string[] | false = defaultOwnerParams): string[] {
  if (option === false) return []
  if (
    !Array.isArray(option) ||
    option.some((name) => typeof name !== 'string' || name === '' || name.startsWith(':'))
  ) {
    throw new TypeError(
      '"ownerParams" must be a list of parameter names without the colon, such as ["user_id"], or false'
    )
  }
  return option
}

function parseDefaultDemands ({ scope, roleClaim = 'role' }: AccessOptions): Demands {
  if (typeof roleClaim !== 'string' || roleClaim.trim() === '') {
    throw new TypeError('"roleClaim" must be the name of the claim that holds the roles, such as "role"')
  }
  return { scopes: parseScope('"scope"', scope), roles: [], roleClaim, impersonation: true }
}

/**
 * Puts the guard on an instance and everything below it: every route needs a token unless a rule
 * opens it. Decorates `app.verifyToken`, `app.routeAccess()`, `request.userId` and `request.claims`.
 * CORS has to be registered before, so that preflights pass without a token.
 * @throws {TypeError} on options that make no sense, and when routes exist that would not be guarded
 */
export function registerAccess (
  app: FastifyInstance, options: AccessOptions & Pick<ScopeOptions, 'organization'>, authenticate: Authenticate
): void {
  const { hook = 'preHandler' } = options
  if (hook !== 'preHandler' && hook !== 'onRequest' && hook !== false) {
    throw new TypeError(`"hook" must be "preHandler", "onRequest" or false, got ${inspect(hook)}`)
  }
  const policy: RulePolicy = {
    publicPaths: parsePublicPaths(options.publicPaths === undefined ? defaultPublicPaths : options.publicPaths),
    ownerParams: parseOwnerParams(options.ownerParams),
    organizationParams: parseOrganization(options.organization)?.params ?? [],
    demands: parseDefaultDemands(options)
  }
  const resource = options.resource === undefined ? undefined : parseResource(options.resource)
  refuseEarlyRoutes(app)

  const routes: KnownRoute[] = []
  const preflightUrl = `${app.prefix}*`
  const corsCameFirst = app.hasRequestDecorator('corsPreflightEnabled')

  const parts: VerifyTokenParts = {
    authenticate,
    challenge: resource?.challenge,
    decideUnseen (url, method, auth) {
      if (corsCameFirst && method === 'OPTIONS' && url === preflightUrl) return preflightRoute
      // Which hooks it names is not known any more, so no public path opens it.
      return decideRule({ url, auth, namesHook: false }, { ...policy, publicPaths: [] })
    }
  }
  const verifyToken = createVerifyToken(parts)
  const verifyAsAsked = createVerifyToken(parts)

  app.decorate('verifyToken', verifyToken)
  app.decorate('routeAccess', () => listRouteAccess(routes, verifyToken, hook !== false))
  app.decorate(routeSchemas, () => listSchemas(routes))
  decorateCaller(app, hook, resource?.challenge)

  app.addHook('onRoute', function (route) {
    const isPreflight =
      !corsCameFirst &&
      route.method === 'OPTIONS' &&
      route.url === preflightUrl &&
      app.hasRequestDecorator('corsPreflightEnabled')
    if (isPreflight) {
      route.config = { ...route.config, [ruleKey]: preflightRoute }
      return
    }
    const names = namesHook(route, verifyToken)
    const rule = decideRule({ url: route.url, auth: route.config?.auth, namesHook: names }, policy)
    route.config = { ...route.config, [ruleKey]: rule }
    const asks = addHooks(route, rule, hook === false && !names ? verifyAsAsked : undefined)
    routes.push({
      scope: this,
      options: { ...route } as RouteOptions,
      registered: route as RouteOptions,
      rule,
      namesHook: names,
      runsHook: names || asks
    })
  })

  // Read again when all routes are there, so that every mistake is reported at once.
  app.addHook('onReady', function (done) {
    const mistakes = routes.flatMap(({ rule }) => rule.mistake ?? [])
    if (mistakes.length > 0) return done(new TypeError([...new Set(mistakes)].join('\n')))
    reportWarnings(app, findWarnings(options, policy, routes))
    describeInOpenapi(app, routes)
    done()
  })

  if (resource !== undefined) serveMetadata(app, resource, () => scopesOf(routes))
  if (hook !== false) app.addHook(hook, verifyToken)
  else if (!isRoot(app)) app.addHook('onRequest', guardUnseen)

  // Below the root nobody can say which routes came before: they may have asked for a guard that was not there yet.
  function guardUnseen (...[request, reply, done]: Parameters<onRequestHookHandler>): void {
    const { config, url } = request.routeOptions
    if (url === undefined || config[ruleKey] !== undefined) return done()
    verifyAsAsked.call(app, request, reply, done)
  }
}
