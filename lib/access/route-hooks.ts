import type { onRequestHookHandler, RouteOptions } from 'fastify'
import type { RouteRule } from './route-rules.js'
import { compareOwnersAgain } from './verify-token.js'

// The hooks that can be given `app.verifyToken`, and keep a request from its handler.
const guardingHooks = ['onRequest', 'preValidation', 'preHandler'] as const

/** Whether a route has a hook among its own. */
export function namesHook (route: RouteOptions, hook: onRequestHookHandler): boolean {
  return guardingHooks.some((name) => [route[name]].flat().some((own) => own === hook))
}

/**
 * Gives a route the hooks that its rule needs and it does not name.
 * @param verify what verifies tokens where the app has no hook for all routes: who may pass is said on the route
 * itself, and without a hook it would be open for all that. Its own function beside `app.verifyToken`, since the HEAD
 * of a GET comes with the GET's hooks, and would be taken to name it. `undefined` where all routes have the hook, or
 * this one
 * @returns whether the route verifies by `config.auth` alone
 */
export function addHooks (route: RouteOptions, rule: RouteRule, verify: onRequestHookHandler | undefined): boolean {
  const auth = route.config?.auth
  const asks = verify !== undefined && auth !== undefined && auth !== false
  if (asks) putFirst(route, 'onRequest', verify)
  const compares = rule.owners.length > 0 || rule.organizations !== undefined
  if (compares && route.schema?.params !== undefined) putFirst(route, 'preHandler', compareOwnersAgain)
  return asks
}

// A HEAD has what its GET was given already.
function putFirst (
  route: Pick<RouteOptions, 'onRequest' | 'preHandler'>,
  name: 'onRequest' | 'preHandler',
  hook: onRequestHookHandler
): void {
  const own = [route[name] ?? []].flat() as onRequestHookHandler[]
  if (!own.includes(hook)) route[name] = [hook, ...own]
}
