import t from 'tap'
import { parseDemands, parseRole, parseScope, refusalOf, type Demands } from '../../lib/access/demands.js'
import type { VerifiedToken } from '../../lib/types.js'

const none: Demands = { scopes: undefined, roles: [], roleClaim: 'role', impersonation: true }
const token = (parts: Partial<VerifiedToken> = {}): VerifiedToken => ({ userId: 'ada', claims: { exp: 4e9 }, scopes: [], isAccessToken: false, ...parts })
const refuse = (demands: Partial<Demands>, parts?: Partial<VerifiedToken>) => refusalOf(token(parts), { ...none, ...demands })
const challenge = (scope: string) => ({ code: 'FAI_FORBIDDEN', statusCode: 403, message: 'Forbidden', headers: { 'www-authenticate': `Bearer error="insufficient_scope"${scope}` } })

t.test('a scope is a text or a list, all of them needed; false is none', async (t) => {
  t.equal(parseScope('"scope"', undefined), undefined)
  t.strictSame(parseScope('"scope"', false), [])
  t.strictSame(parseScope('"scope"', 'a b'), ['a', 'b'])
  t.strictSame(parseScope('"scope"', ['a', 'b:c']), ['a', 'b:c'])
  for (const wrong of [true, null, 7, '', [], [''], 'a"b', 'a\\b', 'ä', [7], {}]) {
    t.throws(() => parseScope('"scope"', wrong), { name: 'TypeError', message: /^"scope" must be a scope such as "tasks:read"/ }, String(wrong))
  }
})

t.test('a role is a text or a list of which one is needed', async (t) => {
  t.strictSame(parseRole('role', 'admin'), ['admin'])
  t.strictSame(parseRole('role', ['admin', 'owner']), ['admin', 'owner'])
  for (const wrong of [false, null, '', 'a b', 'a,b', [], [7]]) t.throws(() => parseRole('role', wrong), { name: 'TypeError', message: /^role must be a role/ })
})

t.test('what a route does not say, the plugin does', async (t) => {
  const plugin = { ...none, scopes: ['api'] }
  t.strictSame(parseDemands({}, '/x', plugin), plugin)
  t.match(parseDemands({ scope: 'tasks:read' }, '/x', plugin), { scopes: ['tasks:read'] })
  t.match(parseDemands({ scope: false }, '/x', plugin), { scopes: [] })
  t.throws(() => parseDemands({ scope: true as never }, '/x', plugin), /config\.auth\.scope of \/x must be a scope/)
  t.throws(() => parseDemands({ impersonation: 'no' as never }, '/x', plugin), /config\.auth\.impersonation of \/x must be true or false/)
})

t.test('a token that holds every scope passes; the refusal names what is needed', async (t) => {
  const scopes = ['tasks:read', 'tasks:write']
  t.equal(refuse({ scopes }, { scopes: ['openid', ...scopes] }), undefined)
  t.match(refuse({ scopes }, { scopes: ['tasks:read'] }), challenge(', scope="tasks:read tasks:write"'))
  t.match(refuse({ scopes }, { scopes: ['tasks:read tasks:write'] }), challenge(', scope="tasks:read tasks:write"'), 'one text is one scope')
  t.match(refuse({ scopes }), challenge(', scope="tasks:read tasks:write"'), 'a token of the user\'s own has to hold it too')
})

t.test('where no scope is named, an access token is refused, unless that was said to be meant', async (t) => {
  t.match(refuse({}, { isAccessToken: true, scopes: ['openid'] }), { ...challenge(''), reason: /acts for a client in some scope, and this route names none/ })
  t.equal(refuse({ scopes: [] }, { isAccessToken: true }), undefined)
  t.equal(refuse({}), undefined)
})

t.test('one role of the claim is enough, as text or list', async (t) => {
  const roles = ['admin', 'owner']
  for (const role of ['admin', 'user,owner', 'user owner', 'user, admin', ['owner']]) t.equal(refuse({ roles }, { claims: { exp: 1, role } }), undefined)
  for (const role of [undefined, '', 'user', 'administrator', ['admins'], [['admin']], { admin: true }, 7]) {
    const error = refuse({ roles }, { claims: { exp: 1, role } })
    t.match(error, { code: 'FAI_FORBIDDEN', reason: 'role: the route needs admin or owner' })
    t.equal(error?.headers, undefined)
  }
  t.equal(refuse({ roles, roleClaim: 'org_role' }, { claims: { exp: 1, org_role: 'admin' } }), undefined)
  t.match(refuse({ roles, roleClaim: 'toString' }), { code: 'FAI_FORBIDDEN' })
})

t.test('who acts as the user is refused where impersonation is false', async (t) => {
  t.match(refuse({ impersonation: false }, { actor: { impersonatedBy: 'admin' } }), { code: 'FAI_FORBIDDEN', reason: /^impersonation/ })
  t.equal(refuse({ impersonation: false }), undefined)
  t.equal(refuse({}, { actor: { act: { sub: 'agent' } } }), undefined)
})
