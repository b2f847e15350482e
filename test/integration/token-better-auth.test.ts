import t from 'tap'
import type { Test } from 'tap'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { jwt } from 'better-auth/plugins/jwt'
import { bearer } from 'better-auth/plugins'
import { userIdJwt } from '../../lib/better-auth/user-id-jwt.js'
import { keySetServer } from '../fixtures/key-set-server.js'
import type { KeySetServer } from '../fixtures/key-set-server.js'
import { alice, authSecret, createMemoryAuth } from '../fixtures/memory-auth.js'
import { ask, expired, invalid, tokenApp } from '../fixtures/token-app.js'
import { retiredSecret, secret } from '../fixtures/tokens.js'

interface Handler { handler: (request: Request) => Promise<Response> }
interface KeyRow { id: string, expiresAt?: Date | null, createdAt: Date }
const origin = 'http://localhost:3000'

async function call (auth: Handler, path: string, cookie = '', body?: unknown): Promise<Response> {
  return auth.handler(new Request(`${origin}/api/auth${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', origin, cookie },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  }))
}

async function signUp (auth: Handler): Promise<{ cookie: string, userId: string, sessionToken: string }> {
  const response = await call(auth, '/sign-up/email', '', alice)
  const { user, token } = await response.json() as { user: { id: string }, token: string }
  return { cookie: response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; '), userId: user.id, sessionToken: token }
}

async function apiToken (auth: Handler, cookie: string): Promise<string> {
  const { token } = await (await call(auth, '/token', cookie)).json() as { token: string }
  return token
}

/** Serves the instance's own /jwks over a socket. */
async function publishKeys (t: Test, auth: Handler): Promise<KeySetServer> {
  return keySetServer(t, (_request, response) => {
    call(auth, '/jwks').then(async (answer) => response.writeHead(answer.status).end(await answer.text()), () => response.destroy())
  })
}

function tables (db: { jwks: KeyRow[] } = { jwks: [] }) {
  return { database: memoryAdapter(Object.assign(db, { user: [], session: [], account: [], verification: [] })) }
}

t.test('userIdJwt(): its token is the seeds\' token', async (t) => {
  const auth = createMemoryAuth({ plugins: [userIdJwt()] })
  const { cookie, userId } = await signUp(auth)
  const { app } = await tokenApp(t, { secret: authSecret })
  const { status, body } = await ask(app, `Bearer ${await apiToken(auth, cookie)}`)
  t.equal(status, 200)
  t.equal(body.userId, userId)
  const session = await call(auth, '/get-session', cookie)
  t.equal((await ask(app, `Bearer ${session.headers.get('set-auth-jwt')}`)).body.userId, userId)
})

t.test('secrets in Better Auth\'s rotation: both sides read BETTER_AUTH_SECRETS, and the old tokens live on', async (t) => {
  process.env['BETTER_AUTH_SECRETS'] = `2:${secret},1:${retiredSecret}`
  t.teardown(() => { delete process.env['BETTER_AUTH_SECRETS'] })
  const before = createMemoryAuth({ secrets: [{ version: 1, value: retiredSecret }], plugins: [userIdJwt()] })
  const after = createMemoryAuth({ secrets: [{ version: 2, value: secret }, { version: 1, value: retiredSecret }], plugins: [userIdJwt()] })
  const { app } = await tokenApp(t, {})
  for (const auth of [before, after]) {
    const { cookie, userId } = await signUp(auth)
    t.equal((await ask(app, `Bearer ${await apiToken(auth, cookie)}`)).body.userId, userId)
  }
})

const keyPairs = [{ alg: 'EdDSA' }, { alg: 'EdDSA', crv: 'Ed25519' }, { alg: 'ES256' }, { alg: 'ES512' }, { alg: 'RS256' }, { alg: 'PS256' }] as const
for (const keyPairConfig of keyPairs) {
  t.test(`stock jwt() with ${JSON.stringify(keyPairConfig)} through its key set`, async (t) => {
    const auth = createMemoryAuth({ ...tables(), plugins: [jwt({ jwks: { keyPairConfig } })] })
    const { cookie, userId } = await signUp(auth)
    const token = await apiToken(auth, cookie)
    const server = await publishKeys(t, auth)
    const { app } = await tokenApp(t, { jwks: server.url, issuer: origin, audience: origin })
    for (let i = 0; i < 3; i++) t.equal((await ask(app, `Bearer ${token}`)).body.userId, userId)
    t.equal(server.fetches, 1)
  })
}

t.test('stock jwt() as it comes, EdDSA and the whole user as payload, needs no options but the URL', async (t) => {
  const auth = createMemoryAuth({ ...tables(), plugins: [jwt()] })
  const { cookie, userId } = await signUp(auth)
  const { app } = await tokenApp(t, { jwks: (await publishKeys(t, auth)).url })
  const { body } = await ask(app, `Bearer ${await apiToken(auth, cookie)}`)
  t.equal(body.userId, userId)
  t.equal(body.claims.email, alice.email)
})

t.test('definePayload and getSubject: the named claim is the user id', async (t) => {
  const auth = createMemoryAuth({
    ...tables(),
    plugins: [jwt({ jwt: { definePayload: ({ user }) => ({ uid: user.id, role: 'user' }), getSubject: ({ session }) => session.id } })]
  })
  const { cookie, userId } = await signUp(auth)
  const { url } = await publishKeys(t, auth)
  const token = await apiToken(auth, cookie)
  const { app } = await tokenApp(t, { jwks: url, userIdClaim: 'uid' })
  t.equal((await ask(app, `Bearer ${token}`)).body.userId, userId)
  const { app: bySubject } = await tokenApp(t, { jwks: url })
  t.not((await ask(bySubject, `Bearer ${token}`)).body.userId, userId)
})

t.test('key rotation: a new key is found at once, a withdrawn one is refused after the refresh', async (t) => {
  const db: { jwks: KeyRow[] } = { jwks: [] }
  const auth = createMemoryAuth({ ...tables(db), plugins: [jwt({ jwks: { rotationInterval: 3600, gracePeriod: 3600 } })] })
  const { cookie, userId } = await signUp(auth)
  const server = await publishKeys(t, auth)
  const { app } = await tokenApp(t, { jwks: { url: server.url } })
  const old = await apiToken(auth, cookie)
  t.equal((await ask(app, `Bearer ${old}`)).status, 200)

  db.jwks[0]!.expiresAt = new Date(Date.now() - 1000)
  const fresh = await apiToken(auth, cookie)
  t.equal(db.jwks.length, 2)
  t.equal((await ask(app, `Bearer ${fresh}`)).body.userId, userId)
  t.equal((await ask(app, `Bearer ${old}`)).status, 200, 'within the grace period')
  t.equal(server.fetches, 2)

  db.jwks[0]!.expiresAt = new Date(Date.now() - 7_200_000)
  db.jwks[1]!.expiresAt = new Date(Date.now() - 1000)
  const third = await apiToken(auth, cookie)
  t.equal((await ask(app, `Bearer ${third}`)).status, 200)
  t.same(await ask(app, `Bearer ${old}`), invalid)
})

t.test('a migration: both families at once, from the secret to the key set', async (t) => {
  const before = createMemoryAuth({ plugins: [userIdJwt()] })
  const after = createMemoryAuth({ ...tables(), plugins: [jwt()] })
  const { app } = await tokenApp(t, { secret: authSecret, jwks: (await publishKeys(t, after)).url })
  for (const auth of [before, after]) {
    const { cookie, userId } = await signUp(auth)
    t.equal((await ask(app, `Bearer ${await apiToken(auth, cookie)}`)).body.userId, userId)
  }
})

t.test('an expired Better Auth token is Token expired', async (t) => {
  const auth = createMemoryAuth({ ...tables(), plugins: [jwt({ jwt: { expirationTime: 3600 } })] })
  const { cookie } = await signUp(auth)
  const { app } = await tokenApp(t, { jwks: (await publishKeys(t, auth)).url })
  t.same(await ask(app, `Bearer ${await apiToken(auth, cookie)}`), expired)
})

t.test('the session token is no API token, in either shape', async (t) => {
  const auth = createMemoryAuth({ plugins: [bearer(), userIdJwt()] })
  const { cookie, sessionToken } = await signUp(auth)
  const signIn = await call(auth, '/sign-in/email', '', { email: alice.email, password: alice.password })
  const { app } = await tokenApp(t, { secret: authSecret })
  const cookieValue = decodeURIComponent(cookie.split('=')[1]!.split(';')[0]!)
  for (const value of [sessionToken, signIn.headers.get('set-auth-token')!, cookieValue]) {
    t.ok(value.length > 20)
    t.same(await ask(app, `Bearer ${value}`), invalid)
  }
})

for (const strategy of ['jwt', 'jwe', 'compact'] as const) {
  t.test(`the session cookie of strategy ${strategy}, signed with the secret, is no API token`, async (t) => {
    const auth = createMemoryAuth({ session: { cookieCache: { enabled: true, strategy, maxAge: 300 } }, plugins: [userIdJwt()] })
    const { cookie } = await signUp(auth)
    const data = /session_data=([^;]+)/.exec(cookie)![1]!
    if (strategy === 'jwt') t.equal(data.split('.').length, 3)
    for (const userIdClaim of [undefined, 'sub', 'userId', 'user', 'session']) {
      const { app } = await tokenApp(t, { secret: authSecret, ...(userIdClaim === undefined ? {} : { userIdClaim }) })
      t.same(await ask(app, `Bearer ${decodeURIComponent(data)}`), invalid)
    }
  })
}

t.test('the session cookie signed with the key set is no API token, though it has iss, sub and a good signature', async (t) => {
  const auth = createMemoryAuth({
    ...tables(),
    session: { cookieCache: { enabled: true, strategy: 'jwt', maxAge: 300 } },
    plugins: [jwt({ sessionCookieCache: true })]
  })
  const { cookie } = await signUp(auth)
  const data = decodeURIComponent(/session_data=([^;]+)/.exec(cookie)![1]!)
  t.match(JSON.parse(Buffer.from(data.split('.')[0]!, 'base64url').toString()), { alg: 'EdDSA', typ: 'better-auth.session-cache+jwt' })
  const { app } = await tokenApp(t, { jwks: (await publishKeys(t, auth)).url })
  t.same(await ask(app, `Bearer ${data}`), invalid)
})

t.test('the token of a verification link is no API token, even where its own claim was named', async (t) => {
  const links: string[] = []
  const auth = createMemoryAuth({
    emailVerification: { sendOnSignUp: true, sendVerificationEmail: async ({ token }) => { links.push(token) } },
    plugins: [userIdJwt()]
  })
  await signUp(auth)
  t.equal(links.length, 1)
  t.match(JSON.parse(Buffer.from(links[0]!.split('.')[1]!, 'base64url').toString()), { email: alice.email, exp: Number })
  for (const userIdClaim of [undefined, 'sub', 'userId', 'email']) {
    const { app } = await tokenApp(t, { secret: authSecret, ...(userIdClaim === undefined ? {} : { userIdClaim }) })
    t.same(await ask(app, `Bearer ${links[0]}`), invalid)
  }
})

t.test('stock jwt() in the same process: its keys come from a function, with the first request and without a socket', async (t) => {
  const auth = createMemoryAuth({ ...tables(), plugins: [jwt()] })
  let reads = 0
  const { app } = await tokenApp(t, { jwks: async () => { reads++; return await auth.api.getJwks() }, issuer: origin, audience: origin })
  const { cookie, userId } = await signUp(auth)
  t.equal(reads, 0, 'nothing is read before it is needed')
  const authorization = `Bearer ${await apiToken(auth, cookie)}`
  for (let i = 0; i < 3; i++) t.equal((await ask(app, authorization)).body.userId, userId)
  t.equal(reads, 1)
})
