// A row for each issuer in the table of docs/authentication.md: a token of the shape it issues, and the options the table gives.
import t from 'tap'
import type { TokenOptions } from '../../lib/options.js'
import { signer } from '../fixtures/asymmetric.js'
import { ask, invalid, tokenApp } from '../fixtures/token-app.js'

interface Issuer {
  name: string
  alg: string
  header: Record<string, unknown>
  claims: Record<string, unknown>
  options: Omit<TokenOptions, 'jwks' | 'secret'>
  user: string
  /** A token of the same issuer that is not for an API. */
  foreign?: { header?: Record<string, unknown>, claims?: Record<string, unknown> }
}

const api = 'https://api.example.com'
const issuers: Issuer[] = [{
  name: 'Better Auth jwt()',
  alg: 'EdDSA',
  header: {},
  claims: { iss: 'https://app.example.com', aud: 'https://app.example.com', sub: 'Ue0gZrJmB1kX3nQp7sT9vYw2aC4dF6hJ', email: 'ada@example.com', name: 'Ada' },
  options: { issuer: 'https://app.example.com', audience: 'https://app.example.com' },
  user: 'Ue0gZrJmB1kX3nQp7sT9vYw2aC4dF6hJ',
  foreign: { header: { typ: 'better-auth.session-cache+jwt' } }
}, {
  name: 'Auth0',
  alg: 'RS256',
  header: { typ: 'JWT' },
  claims: { iss: 'https://tenant.eu.auth0.com/', sub: 'auth0|64f0c2', aud: [api, 'https://tenant.eu.auth0.com/userinfo'], azp: 'web-client', scope: 'openid profile' },
  options: { issuer: 'https://tenant.eu.auth0.com/', audience: api },
  user: 'auth0|64f0c2',
  foreign: { claims: { aud: 'web-client', nonce: 'n' } }
}, {
  name: 'Okta, custom authorization server',
  alg: 'RS256',
  header: {},
  claims: { ver: 1, jti: 'AT.a', iss: 'https://org.okta.com/oauth2/default', aud: 'api://default', sub: 'ada@example.com', cid: 'web-client', uid: '00u1a2', scp: ['openid', 'profile'] },
  options: { issuer: 'https://org.okta.com/oauth2/default', audience: 'api://default', userIdClaim: 'uid' },
  user: '00u1a2',
  foreign: { header: { typ: 'application/okta-internal-at+jwt' } }
}, {
  name: 'Microsoft Entra ID',
  alg: 'RS256',
  header: { typ: 'JWT', x5t: 'nOo3ZDrODXEK1jKWhXslHR_KXEg' },
  claims: { aud: 'api-client-id', iss: 'https://login.microsoftonline.com/tenant-id/v2.0', azp: 'web-client', azpacr: '0', oid: '00000000-0000-0000-66f3', scp: 'tasks.read', sub: 'pairwise', tid: 'tenant-id', ver: '2.0' },
  options: { issuer: 'https://login.microsoftonline.com/tenant-id/v2.0', audience: 'api-client-id', userIdClaim: 'oid' },
  user: '00000000-0000-0000-66f3',
  foreign: { claims: { aud: '00000003-0000-0000-c000-000000000000' } }
}, {
  name: 'Keycloak',
  alg: 'RS256',
  header: { typ: 'JWT' },
  claims: { iss: 'https://id.example.com/realms/acme', aud: ['tasks-api', 'account'], sub: '6f8c2f3e', typ: 'Bearer', azp: 'web-client', scope: 'openid email', realm_access: { roles: ['user'] } },
  options: { issuer: 'https://id.example.com/realms/acme', audience: 'tasks-api' },
  user: '6f8c2f3e',
  foreign: { claims: { aud: 'web-client', typ: 'ID' } }
}, {
  name: 'Amazon Cognito',
  alg: 'RS256',
  header: {},
  claims: { iss: 'https://cognito-idp.eu-central-1.amazonaws.com/pool', sub: 'a1b2', client_id: 'web-client', token_use: 'access', scope: 'aws.cognito.signin.user.admin', username: 'ada' },
  options: { issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/pool' },
  user: 'a1b2'
}, {
  name: 'Firebase',
  alg: 'RS256',
  header: { typ: 'JWT' },
  claims: { iss: 'https://securetoken.google.com/project', aud: 'project', auth_time: 1, user_id: 'u1', sub: 'u1', firebase: { identities: {}, sign_in_provider: 'password' } },
  options: { issuer: 'https://securetoken.google.com/project', audience: 'project' },
  user: 'u1',
  foreign: { claims: { aud: 'another-project' } }
}, {
  name: 'Supabase',
  alg: 'ES256',
  header: { typ: 'JWT' },
  claims: { iss: 'https://ref.supabase.co/auth/v1', aud: 'authenticated', sub: '7c9e', role: 'authenticated', session_id: 's', is_anonymous: false },
  options: { issuer: 'https://ref.supabase.co/auth/v1', audience: 'authenticated' },
  user: '7c9e',
  foreign: { claims: { aud: 'anon', role: 'anon' } }
}, {
  name: 'Clerk',
  alg: 'RS256',
  header: { typ: 'JWT', cat: 'cl_B7d4PD111AAA' },
  claims: { azp: 'https://web.example.com', iss: 'https://clerk.example.com', sub: 'user_2a', sid: 'sess_2b', v: 2 },
  options: { issuer: 'https://clerk.example.com' },
  user: 'user_2a'
}, {
  name: 'WorkOS AuthKit',
  alg: 'RS256',
  header: {},
  claims: { iss: 'https://api.workos.com/user_management/client_1', sub: 'user_01', sid: 'session_01', org_id: 'org_01', role: 'member', permissions: [] },
  options: { issuer: 'https://api.workos.com/user_management/client_1' },
  user: 'user_01'
}, {
  name: 'Zitadel',
  alg: 'RS256',
  header: { typ: 'JWT' },
  claims: { iss: 'https://acme.zitadel.cloud', sub: '163840776835432705', aud: ['tasks-api', 'project-id'], jti: 'V2_1', client_id: 'web-client' },
  options: { issuer: 'https://acme.zitadel.cloud', audience: 'project-id' },
  user: '163840776835432705',
  foreign: { claims: { aud: ['other-project'] } }
}, {
  name: 'Logto',
  alg: 'ES384',
  header: { typ: 'at+jwt' },
  claims: { iss: 'https://acme.logto.app/oidc', sub: 'jbu2', aud: api, client_id: 'web-client', scope: 'tasks:read' },
  options: { issuer: 'https://acme.logto.app/oidc', audience: api },
  user: 'jbu2',
  foreign: { claims: { aud: 'https://other.example.com' } }
}, {
  name: 'SAP XSUAA, Cloud Foundry UAA',
  alg: 'RS256',
  header: { typ: 'JWT', jku: 'https://acme.authentication.eu10.hana.ondemand.com/token_keys', jid: 'j' },
  claims: { iss: 'https://acme.authentication.eu10.hana.ondemand.com/oauth/token', aud: ['sb-tasks!t1', 'tasks!t1'], sub: 'u-1', user_id: 'u-1', azp: 'sb-web!t1', client_id: 'sb-web!t1', cid: 'sb-web!t1', scope: ['tasks!t1.read'], zid: 'z', grant_type: 'authorization_code' },
  options: { issuer: 'https://acme.authentication.eu10.hana.ondemand.com/oauth/token', audience: 'tasks!t1', userIdClaim: 'user_id' },
  user: 'u-1',
  foreign: { claims: { aud: 'other!t1' } }
}]

for (const { name, alg, header, claims, options, user, foreign } of issuers) {
  t.test(`${name}: a token of its shape says who is calling`, async (t) => {
    const issuer = signer(alg, 'k1', { use: 'sig' })
    const { app } = await tokenApp(t, { jwks: { keys: [issuer.jwk] }, ...options })
    const { status, body } = await ask(app, `Bearer ${issuer.token(claims, header)}`)
    t.equal(status, 200)
    t.equal(body.userId, user)
    t.same(await ask(app, `Bearer ${issuer.token({ ...claims, iss: 'https://evil.example' }, header)}`), invalid)
    if (foreign === undefined) return
    t.same(await ask(app, `Bearer ${issuer.token({ ...claims, ...foreign.claims }, { ...header, ...foreign.header })}`), invalid, 'not for this API')
  })
}
