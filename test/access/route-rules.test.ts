import t from 'tap'
import { parsePublicPaths } from '../../lib/access/public-paths.js'
import { decideRule, underPublicPath, type RouteFacts } from '../../lib/access/route-rules.js'

const policy = { publicPaths: parsePublicPaths(['/open', '/api/auth/sign-in']), ownerParams: ['user_id'], demands: { scopes: undefined, roles: [], roleClaim: 'role', impersonation: true } }
const rule = (facts: Partial<RouteFacts>) => decideRule({ url: '/x', auth: undefined, namesHook: false, ...facts }, policy)

t.test('what the route says goes before publicPaths, and publicPaths before the default', async (t) => {
  t.match(rule({}), { access: 'token', where: 'default' })
  t.match(rule({ url: '/open/x' }), { access: 'public', where: 'publicPaths' })
  t.match(rule({ url: '/open/:user_id' }), { access: 'public', where: 'publicPaths' })
  t.match(rule({ url: '/open/x', namesHook: true }), { access: 'token', where: 'route hook' })
  t.match(rule({ url: '/open/:user_id', namesHook: true }), { access: 'owner', where: 'ownerParams' })
  t.match(rule({ url: '/open/x', auth: {} }), { access: 'token', where: 'config.auth', why: 'config.auth asks for a token' })
  t.match(rule({ url: '/open/x', auth: true }), { access: 'token', where: 'config.auth' })
  t.match(rule({ url: '/:user_id', auth: true }), { access: 'owner', owners: ['user_id'] })
  t.match(rule({ auth: {}, namesHook: true }), { access: 'token', where: 'route hook' })
  t.match(rule({ url: '/open/:id', auth: { owner: ['id'] } }), { access: 'owner', where: 'config.auth', owners: ['id'] })
  t.match(rule({ url: '/open/x', auth: 'optional', namesHook: true }), { access: 'optional', where: 'config.auth' })
  t.match(rule({ url: '/:user_id', auth: { owner: false } }), { access: 'token', owners: [] })
  t.match(rule({ url: '/:user_id', auth: { owner: [] } }), { access: 'token', owners: [] })
  t.match(rule({ url: '/:user_id', auth: false }), { access: 'public', owners: [] })
  t.match(rule({ url: '/:user_id', auth: 'optional' }), { access: 'optional', owners: ['user_id'] })
})

t.test('what cannot be obeyed closes the route to everyone', async (t) => {
  for (const auth of ['true', null, 'on', 5, [], { owners: 'x' }, { owner: 'y' }, { owner: [5] }, { owner: null }]) {
    t.match(rule({ auth: auth as unknown as false }), { access: 'owner', owners: [''], mistake: /.../ }, JSON.stringify(auth))
  }
  t.match(rule({ auth: false, namesHook: true }), { owners: [''], mistake: /leave one of them out/ })
})

t.test('a public path reaches a wildcard route when some request of it could be below', async (t) => {
  const reaches = (url: string): boolean => underPublicPath(url, policy.publicPaths) !== null
  for (const url of ['/*', '*', '/open/*', '/open/deep/*', '/api/*', '/api/auth/*', '/api/auth/sign-in/*', '/api/auth/sign*', '/op*']) t.ok(reaches(url), url)
  for (const url of ['/other/*', '/opened/*', '/api/other/*', '/api/auth/session/*', '/x*', '/:any/*']) t.notOk(reaches(url), url)
})

t.test('a parameter of organizations must be the active one, whatever else the route asks', async (t) => {
  const rule = (facts: Partial<RouteFacts>) => decideRule({ url: '/x', auth: undefined, namesHook: false, ...facts }, { ...policy, organizationParams: ['org_id', 'orgId'] })
  t.match(rule({ url: '/:orgId/x' }), { access: 'owner', where: 'organization.params', why: 'orgId must be the active organization', owners: [], organizations: ['orgId'] })
  t.match(rule({ url: '/:org_id/:user_id' }), { access: 'owner', where: 'ownerParams', owners: ['user_id'], organizations: ['org_id'], why: 'user_id must be the caller; org_id must be the active organization' })
  t.match(rule({ url: '/:orgId', auth: true }), { access: 'owner', organizations: ['orgId'] })
  t.match(rule({ url: '/:orgId', auth: { scope: 'x' } }), { access: 'owner', organizations: ['orgId'], demands: { scopes: ['x'] } })
  t.match(rule({ url: '/:orgId/:id', auth: { owner: 'id' } }), { owners: ['id'], organizations: ['orgId'] })
  t.match(rule({ url: '/:orgId', auth: 'optional' }), { access: 'optional', organizations: ['orgId'] })
  t.match(rule({ url: '/open/*/:orgId', namesHook: true }), { organizations: ['orgId'] })
  for (const facts of [{ url: '/:orgId', auth: false }, { url: '/open/:orgId' }, { url: '/:orgId', auth: { owner: false } }, { url: '/:orgId', auth: { owner: [] } }, { url: '/:org' }, {}] as Array<Partial<RouteFacts>>) {
    t.equal(rule(facts).organizations, undefined, JSON.stringify(facts))
  }
  t.equal(decideRule({ url: '/:orgId', auth: undefined, namesHook: false }, policy).organizations, undefined, 'not without the option')
})
