import t from 'tap'
import { actorOf, refuseForeignGrants, scopesOf } from '../../lib/token/grant.js'

const judge = (claims: Record<string, unknown>, userIdClaim = 'sub') => () => refuseForeignGrants(claims, userIdClaim)

t.test('a token that is bound to a key is no bearer token, whatever the binding is', async (t) => {
  for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': 'x' }, { jwk: {} }, {}, null, 'x']) {
    t.throws(judge({ sub: 'ada', cnf }), { code: 'FAI_INVALID_TOKEN', reason: 'cnf' })
    t.throws(judge({ user_id: 'ada', cnf }, 'user_id'), { reason: 'cnf', code: 'FAI_INVALID_TOKEN' })
  }
  t.doesNotThrow(judge(JSON.parse('{ "sub": "ada", "__proto__": { "cnf": {} } }')))
})

t.test('a token without a user is nobody, unless another claim names one', async (t) => {
  const tokens: Array<Record<string, unknown>> = [
    { sub: 'client', client_id: 'client' },
    { sub: 'client', azp: 'client' },
    { sub: 'client', cid: 'client' },
    { sub: 'client@clients', azp: 'client', gty: 'client-credentials' },
    { sub: 'object-id', azp: 'client', idtyp: 'app' }
  ]
  for (const claims of tokens) {
    t.throws(judge(claims), { code: 'FAI_INVALID_TOKEN', reason: 'no_user' }, JSON.stringify(claims))
    t.doesNotThrow(judge({ ...claims, uid: 'ada' }, 'uid'))
  }
  for (const claims of [{ sub: 'ada', client_id: 'web' }, { sub: 'ada', azp: 'web', gty: 'password' }, { sub: 'ada', idtyp: 'user' }, { sub: 'ada' }]) {
    t.doesNotThrow(judge(claims))
  }
})

t.test('scopes are read from scope, else from scp, as text or list, and from nothing else', async (t) => {
  t.strictSame(scopesOf({ scope: 'tasks:read  tasks:write ' }), ['tasks:read', 'tasks:write'])
  t.strictSame(scopesOf({ scp: 'tasks:read' }), ['tasks:read'])
  t.strictSame(scopesOf({ scp: ['openid', 'tasks:read', 7] }), ['openid', 'tasks:read'])
  t.strictSame(scopesOf({ scope: ['tasks!t1.read'] }), ['tasks!t1.read'])
  t.strictSame(scopesOf({ scope: '', scp: 'tasks:read' }), [], 'an empty scope is one')
  for (const scope of [7, true, {}, undefined]) t.strictSame(scopesOf({ scope }), [])
  t.strictSame(scopesOf({ permissions: ['tasks:read'] }), [])
})

t.test('who acts is told by act and impersonatedBy', async (t) => {
  t.strictSame(actorOf({ sub: 'ada', act: { sub: 'agent' } }), { act: { sub: 'agent' } })
  t.strictSame(actorOf({ sub: 'ada', impersonatedBy: 'admin' }), { impersonatedBy: 'admin' })
  for (const claims of [{ sub: 'ada' }, { act: null }, { impersonatedBy: null }]) t.equal(actorOf(claims), undefined)
})
