import { inspect } from 'node:util'
import type { FastifyInstance, RouteOptions } from 'fastify'
import type { AccessOptions } from '../options.js'
import { routeSchemas, type Authenticate } from '../types.js'
import { findMisfits, tellMisfits } from './boot-report.js'
import { decorateCaller } from './caller.js'
import { refuseEarlyRoutes } from './early-routes.js'
import { describeInOpenapi } from './openapi.js'
import { parsePublicPaths } from './public-paths.js'
import { listRouteAccess, listSchemas, type KnownRoute } from './route-access.js'
import { decideRule, preflightRoute, type RulePolicy } from './route-rules.js'
import { compareOwnersAgain, createVerifyToken, ruleKey } from './verify-token.js'

const defaultPublicPaths = ['/health', '/ready', '/api/auth/sign-in', '/api/auth/sign-up']
const defaultOwnerParams = ['user_id', 'userId']

// The hooks that can be given `app.verifyToken`, and keep a request from its handler.
const guardingHooks = ['onRequest', 'preValidation', 'preHandler'] as const

function parseOwnerParams (option: string[] | false = defaultOwnerParams): string[] {
  if (option === false) return []
  if (!Array.isArray(option) || option.some((name) => typeof name !== 'string' || name === '' || name.startsWith(':'))) {
    throw new TypeError('"ownerParams" must be a list of parameter names without the colon, such as ["user_id"], or false')
  }
  return option
}

/**
 * Puts the guard on an instance and everything below it: every route needs a token unless a rule
 * opens it. Decorates `app.verifyToken`, `app.routeAccess()`, `request.userId` and `request.claims`.
 * CORS has to be registered before, so that preflights are answered without a token.
 * @throws {TypeError} on options that make no sense, and when routes exist that would not be guarded
 */
export function registerAccess (app: FastifyInstance, options: AccessOptions, authenticate: Authenticate): void {
  const { hook = 'preHandler' } = options
  if (hook !== 'preHandler' && hook !== 'onRequest' && hook !== false) {
    throw new TypeError(`"hook" must be "preHandler", "onRequest" or false, got ${inspect(hook)}`)
  }
  const policy: RulePolicy = {
    publicPaths: parsePublicPaths(options.publicPaths === undefined ? defaultPublicPaths : options.publicPaths),
    ownerParams: parseOwnerParams(options.ownerParams)
  }
  if (app.hasDecorator('verifyToken')) {
    throw new TypeError('app.verifyToken exists already: register fastify-auth-integration once, on the outermost instance it is to guard, and leave that name to it')
  }
  if (hook !== false) refuseEarlyRoutes(app)

  const routes: KnownRoute[] = []
  const preflightUrl = `${app.prefix}*`
  const corsCameFirst = app.hasRequestDecorator('corsPreflightEnabled')

  const verifyToken = createVerifyToken({
    authenticate,
    decideUnseen (url, method, auth) {
      if (corsCameFirst && method === 'OPTIONS' && url === preflightUrl) return preflightRoute
      // Which hooks it names is not known any more, so no public path opens it.
      return decideRule({ url, auth, namesHook: false }, { ...policy, publicPaths: [] })
    }
  })

  app.decorate('verifyToken', verifyToken)
  app.decorate('routeAccess', () => listRouteAccess(routes, verifyToken, hook !== false))
  app.decorate(routeSchemas, () => listSchemas(routes))
  decorateCaller(app, hook)

  app.addHook('onRoute', function (route) {
    const namesHook = guardingHooks.some((name) => [route[name]].flat().some((handler) => handler === verifyToken))
    const isPreflight = !corsCameFirst && route.method === 'OPTIONS' && route.url === preflightUrl &&
      app.hasRequestDecorator('corsPreflightEnabled')
    const auth = route.config?.auth
    // Who may pass is said on the route itself: without the hook it would be open for all that.
    const hung = hook === false && !namesHook && !isPreflight && auth !== undefined && auth !== false
    const rule = isPreflight ? preflightRoute : decideRule({ url: route.url, auth, namesHook: namesHook || hung }, policy)
    route.config = { ...route.config, [ruleKey]: rule }
    if (hung) route.onRequest = [verifyToken, ...[route.onRequest ?? []].flat()]
    if (rule.owners.length > 0 && route.schema?.params !== undefined && ![route.preHandler].flat().includes(compareOwnersAgain)) {
      route.preHandler = [compareOwnersAgain, ...[route.preHandler ?? []].flat()]
    }
    if (!isPreflight) routes.push({ scope: this, options: { ...route } as RouteOptions, registered: route as RouteOptions, rule, namesHook, hung })
  })

  // Read again when all routes are there, so that every mistake is told at once.
  app.addHook('onReady', function (done) {
    const mistakes = routes.flatMap(({ rule }) => rule.mistake ?? [])
    if (mistakes.length > 0) return done(new TypeError([...new Set(mistakes)].join('\n')))
    tellMisfits(app, findMisfits(options, policy, routes))
    describeInOpenapi(app, routes)
    done()
  })

  if (hook !== false) app.addHook(hook, verifyToken)
}
