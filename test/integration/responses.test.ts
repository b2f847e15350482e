import { createHmac } from 'node:crypto'
import { SignJWT } from 'jose'
import t from 'tap'
import { frontends, serveIssuerApp } from '../fixtures/issuer-app.js'
import { enter, send } from '../fixtures/person.js'
import { rawRequest } from '../fixtures/raw-request.js'

const encode = (value: object | string): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const bytes = (secret: string) => new TextEncoder().encode(secret)
const now = (): number => Math.floor(Date.now() / 1000)

// Joins and signs by hand, so that no library tidies a bad token.
function sign (header: object | string, payload: object | string, secret: string): string {
  const signed = `${encode(header)}.${encode(payload)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

t.test('each row of the 401 and 403 table, byte for byte, over a socket', async (t) => {
  const { app, port, origin, secret } = await serveIssuerApp(t)
  const alice = await enter(origin, 'Alice', frontends[0])
  const hs256 = { alg: 'HS256', typ: 'JWT' }
  const claims = { user_id: alice.userId, sub: alice.userId, iat: now(), exp: now() + 60 }
  const missing = { status: 401, body: '{"detail":"Missing token"}', challenge: 'Bearer' }
  const expired = { status: 401, body: '{"detail":"Token expired"}', challenge: 'Bearer error="invalid_token"' }
  const invalid = { status: 401, body: '{"detail":"Invalid token"}', challenge: 'Bearer error="invalid_token"' }

  const rows: Array<[string, string[], typeof missing]> = [
    ['no Authorization', [], missing],
    ['another scheme', ['Authorization: Basic YTpi'], missing],
    ['Bearer with nothing', ['Authorization: Bearer'], missing],
    ['Bearer with a blank', ['Authorization: Bearer  '], missing],
    ['past exp', [`Authorization: Bearer ${sign(hs256, { ...claims, exp: now() - 1 }, secret)}`], expired],
    ['past exp with another key', [`Authorization: Bearer ${sign(hs256, { ...claims, exp: now() - 1 }, `${secret}!`)}`], invalid],
    ['another key', [`Authorization: Bearer ${sign(hs256, claims, `${secret}!`)}`], invalid],
    ['no exp', [`Authorization: Bearer ${sign(hs256, { ...claims, exp: undefined }, secret)}`], invalid],
    ['no user_id', [`Authorization: Bearer ${sign(hs256, { ...claims, user_id: undefined }, secret)}`], invalid],
    ['a user_id that is no string', [`Authorization: Bearer ${sign(hs256, { ...claims, user_id: 1 }, secret)}`], invalid],
    ['alg none', [`Authorization: Bearer ${encode({ alg: 'none' })}.${encode(claims)}.`], invalid],
    ['a payload of null', [`Authorization: Bearer ${sign(hs256, 'null', secret)}`], invalid],
    ['no token at all', ['Authorization: Bearer a.b.c'], invalid],
    ['two headers', [`Authorization: Bearer ${alice.token}`, `Authorization: Bearer ${alice.token}`], invalid],
    ['nine kilobytes', [`Authorization: Bearer ${sign(hs256, { ...claims, more: 'x'.repeat(9000) }, secret)}`], invalid]
  ]
  for (const [name, headers, expected] of rows) {
    const response = await rawRequest(port, [`GET /api/user/${alice.userId}/tasks HTTP/1.1`, 'Host: a', 'Connection: close', ...headers])
    t.equal(response.status, expected.status, `${name}: status`)
    t.equal(response.body, expected.body, `${name}: body`)
    t.match(response.head, new RegExp(`^www-authenticate: ${expected.challenge}\r?$`, 'im'), `${name}: challenge`)
  }

  const foreign = await rawRequest(port, ['GET /api/user/somebody-else/tasks HTTP/1.1', 'Host: a', 'Connection: close', `Authorization: Bearer ${alice.token}`])
  t.equal(foreign.status, 403)
  t.equal(foreign.body, '{"detail":"Forbidden"}')
  const good = await rawRequest(port, ['GET /me HTTP/1.1', 'Host: a', 'Connection: close', `authorization: bEaReR ${alice.token}`])
  t.equal(good.status, 200, 'the scheme is case-insensitive')
  const unknown = await rawRequest(port, ['GET /no/such/path HTTP/1.1', 'Host: a', 'Connection: close'])
  t.match(unknown, { status: 404, body: '{"detail":"Not Found"}' })
  t.ok(app.routeAccess().some(({ url, access }) => url === '/api/auth/*' && access === 'public'))
})

t.test('a revoked token is an invalid token', async (t) => {
  const { origin } = await serveIssuerApp(t, { isRevoked: () => true })
  const alice = await enter(origin, 'Alice', frontends[0])
  t.match(await alice.call('GET', '/me'), { status: 401, body: { detail: 'Invalid token' } })
})

t.test('a preflight from each origin passes without a token, and another origin\'s gets no leave', async (t) => {
  const { origin } = await serveIssuerApp(t)
  const preflight = (from: string, path: string) => send(origin + path, 'OPTIONS', {
    origin: from, 'access-control-request-method': 'PATCH', 'access-control-request-headers': 'authorization,content-type'
  })
  for (const frontend of frontends) {
    for (const path of ['/api/user/someone/tasks', '/api/auth/sign-in/email']) {
      const { status, headers } = await preflight(frontend, path)
      t.equal(status, 204, `${frontend} ${path}`)
      t.equal(headers.get('access-control-allow-origin'), frontend)
      t.equal(headers.get('access-control-allow-credentials'), 'true')
      t.match(headers.get('access-control-allow-methods'), /PATCH/)
      t.match(headers.get('access-control-allow-headers'), /authorization/i)
      t.match(headers.get('vary'), /Origin/i)
    }
  }
  const { headers } = await preflight('https://evil.example', '/me')
  t.equal(headers.get('access-control-allow-origin'), null)
  t.equal(headers.get('access-control-allow-credentials'), null)
})

t.test('401, 403 and 404 carry the CORS headers, so that the page can read why', async (t) => {
  const { origin } = await serveIssuerApp(t)
  const alice = await enter(origin, 'Alice', frontends[0])
  const bearer = { authorization: `Bearer ${alice.token}` }
  const cases: Array<[number, string, Record<string, string>]> = [
    [401, '/me', {}], [403, '/api/user/somebody-else/tasks', bearer], [404, '/no/such/path', bearer], [200, '/me', bearer]
  ]
  for (const frontend of frontends) {
    for (const [expected, path, authorization] of cases) {
      const { status, headers } = await send(origin + path, 'GET', { ...authorization, origin: frontend })
      t.equal(status, expected)
      t.equal(headers.get('access-control-allow-origin'), frontend, `${expected} for ${frontend}`)
      t.match(headers.get('access-control-expose-headers'), /set-auth-jwt/)
    }
  }
})

t.test('the owner in the URL is compared decoded, under either name', async (t) => {
  const { origin, secret } = await serveIssuerApp(t)
  const userId = 'Zoë/o\'Hara'
  const token = await new SignJWT({ user_id: userId }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1m').sign(bytes(secret))
  const statusOf = async (path: string) => (await send(origin + path, 'GET', { authorization: `Bearer ${token}` })).status
  for (const place of ['/api/user', '/api/people']) {
    t.equal(await statusOf(`${place}/${encodeURIComponent(userId)}/tasks`), 200)
    t.equal(await statusOf(`${place}/Zo%c3%ab%2fo%27Hara/tasks`), 200, 'lower-case and needless escapes')
    t.equal(await statusOf(`${place}/${encodeURIComponent(encodeURIComponent(userId))}/tasks`), 403, 'decoded once')
    t.equal(await statusOf(`${place}/${encodeURIComponent(userId.toLowerCase())}/tasks`), 403)
    t.equal(await statusOf(`${place}/${encodeURIComponent(`${userId} `)}/tasks`), 403)
  }
})

t.test('what Better Auth signs or stores beside the API token opens nothing', async (t) => {
  const { origin, auth, secret, verificationTokens } = await serveIssuerApp(t)
  const alice = await enter(origin, 'Alice', frontends[0])
  const statusOf = async (token: string) => await send(`${origin}/me`, 'GET', { authorization: `Bearer ${token}` })
  const refused = { status: 401, body: { detail: 'Invalid token' } }

  const session = await auth.api.getSession({ headers: new Headers({ cookie: alice.cookie }) })
  t.match(await statusOf(session!.session.token), refused, 'the session token')
  const signedCookie = decodeURIComponent(alice.cookie.split('=').slice(1).join('='))
  t.match(await statusOf(signedCookie), refused, 'the signed cookie value')

  t.equal(verificationTokens.length, 1)
  t.match(verificationTokens[0], /^ey/, 'a JWT signed with the same secret')
  t.match(await statusOf(verificationTokens[0]!), refused, 'the e-mail verification token')

  const cached = await new SignJWT({ session: { id: '1' }, user: { id: alice.userId }, updatedAt: Date.now(), version: '1' })
    .setProtectedHeader({ alg: 'HS256' }).setIssuedAt().setExpirationTime('5m').sign(bytes(secret))
  t.match(await statusOf(cached), refused, 'a session cache cookie of the JWT kind')
  t.match(await send(`${origin}/me`, 'GET', { cookie: alice.cookie }), { status: 401, body: { detail: 'Missing token' } }, 'the cookie alone')
})

t.test('a token of another library with the same claims is as good: PyJWT\'s header, order and spacing', async (t) => {
  const { origin, secret } = await serveIssuerApp(t)
  const payload = `{"user_id": "from-python", "sub": "from-python", "iat": ${now()}, "exp": ${now() + 900}}`
  for (const header of ['{"alg":"HS256","typ":"JWT"}', '{"typ": "JWT", "alg": "HS256"}', '{"alg":"HS256"}']) {
    const response = await send(`${origin}/me`, 'GET', { authorization: `Bearer ${sign(header, payload, secret)}` })
    t.match(response, { status: 200, body: { userId: 'from-python' } }, header)
  }
})
