import type { onRequestHookHandler, RouteOptions } from 'fastify'
import t from 'tap'
import { addHooks, namesHook } from '../../lib/access/route-hooks.js'
import { decideRule } from '../../lib/access/route-rules.js'
import { compareOwnersAgain } from '../../lib/access/verify-token.js'
import { buildGuarded } from '../fixtures/guarded-app.js'

const hook: onRequestHookHandler = (_request, _reply, done) => done()
const other: onRequestHookHandler = (_request, _reply, done) => done()
const handler = async (): Promise<string> => 'in'
const routeOf = (facts: Partial<RouteOptions>): RouteOptions => ({ method: 'GET', url: '/:user_id', handler, ...facts })
const ruleOf = ({ url, config }: RouteOptions) => decideRule({ url, auth: config?.auth, namesHook: false }, { publicPaths: [], ownerParams: ['user_id'], demands: { scopes: undefined, roles: [], roleClaim: 'role', impersonation: true } })

t.test('a route names a hook by itself or in a list, where it keeps a request from the handler', async (t) => {
  for (const name of ['onRequest', 'preValidation', 'preHandler']) {
    t.ok(namesHook(routeOf({ [name]: hook }), hook), name)
    t.ok(namesHook(routeOf({ [name]: [other, hook] }), hook), name)
  }
  t.notOk(namesHook(routeOf({ onRequest: other, onResponse: hook as never }), hook))
})

t.test('what config.auth asks brings the hook, before the route\'s own and once', async (t) => {
  for (const auth of ['optional', {}, { owner: false }] as const) {
    const route = routeOf({ config: { auth }, onRequest: other })
    t.equal(addHooks(route, ruleOf(route), hook), true)
    t.strictSame(route.onRequest, [hook, other])
    t.equal(addHooks(route, ruleOf(route), hook), true, 'a HEAD comes with what its GET was given')
    t.strictSame(route.onRequest, [hook, other])
  }
  for (const facts of [{}, { config: { auth: false } }] as const) {
    const route = routeOf(facts)
    t.equal(addHooks(route, ruleOf(route), hook), false)
    t.equal(route.onRequest, undefined)
  }
  const route = routeOf({ config: { auth: 'optional' } })
  t.equal(addHooks(route, ruleOf(route), undefined), false, 'where all routes have the hook, none is added')
  t.equal(route.onRequest, undefined)
})

t.test('owners are compared again where a schema may change a parameter', async (t) => {
  const changed = routeOf({ schema: { params: {} }, preHandler: other })
  for (let twice = 0; twice < 2; twice++) {
    addHooks(changed, ruleOf(changed), undefined)
    t.strictSame(changed.preHandler, [compareOwnersAgain, other])
  }
  for (const route of [routeOf({ schema: { querystring: {} } }), routeOf({ url: '/mine', schema: { params: {} } })]) {
    addHooks(route, ruleOf(route), undefined)
    t.equal(route.preHandler, undefined)
  }
})

t.test('neither a GET nor its HEAD is said to name a hook that config.auth brought', async (t) => {
  const { app } = await buildGuarded({ hook: false })
  app.get('/asked', { config: { auth: {} } }, handler)
  app.get('/named', { onRequest: app.verifyToken }, handler)
  app.register(async (scope) => { scope.get('/', { config: { auth: {} } }, handler) }, { prefix: '/twice' })
  await app.ready()
  const asked = ['token', 'config.auth asks for a token', 'config.auth']
  const named = ['token', 'the route names app.verifyToken', 'route hook']
  t.strictSame(app.routeAccess().map(({ method, url, access, why, where }) => [method, url, access, why, where]), [
    ['GET', '/asked', ...asked], ['HEAD', '/asked', ...asked], ['GET', '/named', ...named], ['HEAD', '/named', ...named],
    ['GET', '/twice', ...asked], ['HEAD', '/twice', ...asked], ['GET', '/twice/', ...asked], ['HEAD', '/twice/', ...asked]
  ])
  for (const method of ['GET', 'HEAD'] as const) {
    for (const url of ['/asked', '/named', '/twice', '/twice/']) t.equal((await app.inject({ method, url })).statusCode, 401, `${method} ${url}`)
  }
})
