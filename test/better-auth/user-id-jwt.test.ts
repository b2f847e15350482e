import { decodeProtectedHeader, jwtVerify } from 'jose'
import { createAuthClient } from 'better-auth/client'
import { jwtClient } from 'better-auth/client/plugins'
import { memoryAdapter } from 'better-auth/adapters/memory'
import { organization } from 'better-auth/plugins/organization'
import t from 'tap'
import { userIdJwt, type UserIdJwtOptions } from '../../lib/better-auth/user-id-jwt.js'
import { alice, authSecret, createMemoryAuth } from '../fixtures/memory-auth.js'

const bytes = (secret: string) => new TextEncoder().encode(secret)

async function signUp (auth: { handler: (request: Request) => Promise<Response> }) {
  const response = await auth.handler(new Request('http://localhost:3000/api/auth/sign-up/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'http://localhost:3000' },
    body: JSON.stringify(alice)
  }))
  const cookie = response.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')
  const { user } = await response.json() as { user: { id: string } }
  return { cookie, userId: user.id }
}

async function tokenOf (auth: { handler: (request: Request) => Promise<Response> }, cookie: string): Promise<string> {
  const response = await auth.handler(new Request('http://localhost:3000/api/auth/token', { headers: { cookie } }))
  const { token } = await response.json() as { token: string }
  return token
}

t.test('GET /token sends an HS256 token with exactly user_id, sub, iat and exp', async (t) => {
  const auth = createMemoryAuth({ plugins: [userIdJwt()] })
  const { cookie, userId } = await signUp(auth)
  const before = Math.floor(Date.now() / 1000)
  const token = await tokenOf(auth, cookie)
  const { payload } = await jwtVerify(token, bytes(authSecret), { algorithms: ['HS256'] })
  t.same(Object.keys(payload).sort(), ['exp', 'iat', 'sub', 'user_id'])
  t.equal(payload.user_id, userId)
  t.equal(payload.sub, userId)
  t.equal(payload.exp, payload.iat! + 15 * 60)
  t.ok(payload.iat! >= before && payload.iat! <= before + 5)
  t.same(decodeProtectedHeader(token), { alg: 'HS256', typ: 'JWT' })
})

t.test('get-session carries the token in set-auth-jwt', async (t) => {
  const auth = createMemoryAuth({ plugins: [userIdJwt()] })
  const { cookie, userId } = await signUp(auth)
  const response = await auth.handler(new Request('http://localhost:3000/api/auth/get-session', { headers: { cookie } }))
  const { payload } = await jwtVerify(response.headers.get('set-auth-jwt')!, bytes(authSecret))
  t.equal(payload.user_id, userId)
})

t.test('authClient.token() and auth.api.getToken() go on working', async (t) => {
  const auth = createMemoryAuth({ plugins: [userIdJwt()] })
  const { cookie, userId } = await signUp(auth)
  const client = createAuthClient({
    baseURL: 'http://localhost:3000',
    plugins: [jwtClient()],
    fetchOptions: { customFetchImpl: (input, init) => auth.handler(new Request(input, init)), headers: { cookie } }
  })
  const { data } = await client.token()
  const viaClient = await jwtVerify(data!.token, bytes(authSecret))
  t.equal(viaClient.payload.user_id, userId)
  const { token } = await auth.api.getToken({ headers: new Headers({ cookie }) })
  const viaApi = await jwtVerify(token, bytes(authSecret))
  t.equal(viaApi.payload.user_id, userId)
})

t.test('nobody signed in gets no token', async (t) => {
  const auth = createMemoryAuth({ plugins: [userIdJwt()] })
  const response = await auth.handler(new Request('http://localhost:3000/api/auth/token'))
  t.equal(response.status, 401)
})

t.test('the token is no e-mail verification link', async (t) => {
  const auth = createMemoryAuth({ onAPIError: { throw: true }, plugins: [userIdJwt()] })
  const { cookie } = await signUp(auth)
  const token = await tokenOf(auth, cookie)
  await t.rejects(auth.handler(new Request(`http://localhost:3000/api/auth/verify-email?token=${token}`)), { name: 'ZodError' })
  const session = await auth.api.getSession({ headers: new Headers({ cookie }) })
  t.equal(session?.user.emailVerified, false)
})

t.test('of rotating secrets the first signs', async (t) => {
  const current = 'the-current-secret-0123456789-abcdefghijkl'
  const auth = createMemoryAuth({ secrets: [{ version: 2, value: current }, { version: 1, value: authSecret }], plugins: [userIdJwt()] })
  const { cookie } = await signUp(auth)
  const token = await tokenOf(auth, cookie)
  await t.resolves(jwtVerify(token, bytes(current)))
})

t.test('a secret of its own signs with its raw UTF-8 bytes, and expiresIn sets exp', async (t) => {
  const secret = 'Schlüssel-für-die-Prüfung-0123456789'
  const auth = createMemoryAuth({ plugins: [userIdJwt({ secret, expiresIn: 60 })] })
  const { cookie } = await signUp(auth)
  const { payload } = await jwtVerify(await tokenOf(auth, cookie), bytes(secret))
  t.equal(payload.exp, payload.iat! + 60)
})

t.test('claims of the app are in each token, and follow the active organization', async (t) => {
  const claims: UserIdJwtOptions['claims'] = ({ user, session }) => ({ org_id: session.activeOrganizationId, name: user.name, gone: undefined })
  const auth = createMemoryAuth({
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], organization: [], member: [], invitation: [] }),
    plugins: [organization(), userIdJwt({ claims })]
  })
  const { cookie, userId } = await signUp(auth)
  const ask = async (path: string, body: object): Promise<any> => await (await auth.handler(new Request(`http://localhost:3000/api/auth/organization/${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json', origin: 'http://localhost:3000', cookie }, body: JSON.stringify(body)
  }))).json()
  const payload = async () => (await jwtVerify(await tokenOf(auth, cookie), bytes(authSecret))).payload
  t.same(Object.keys(await payload()).sort(), ['exp', 'iat', 'name', 'sub', 'user_id'], 'no organization yet')
  const [acme, zeta] = [await ask('create', { name: 'Acme', slug: 'acme' }), await ask('create', { name: 'Zeta', slug: 'zeta' })]
  for (const { id } of [acme, zeta, acme]) {
    await ask('set-active', { organizationId: id })
    t.match(await payload(), { org_id: id, user_id: userId, name: 'Alice' }, 'the next token names the one that was switched to')
  }
  await ask('set-active', { organizationId: null })
  t.notOk('org_id' in await payload())
})

t.test('a claim that is the token\'s own, or makes it a verification link, is refused', async (t) => {
  const outcomes: Array<[() => unknown, RegExp | undefined]> = [
    ...['user_id', 'sub', 'iat', 'exp', 'nbf', 'email', 'updateTo', 'userId', 'requestType'].map((name): [() => unknown, RegExp] => [() => ({ [name]: 'x' }), new RegExp(`returned "${name}", which is not for the app`)]),
    ...[() => null, () => 'x', async () => ['x'], () => 5].map((claims): [() => unknown, RegExp] => [claims, /must return an object of claims/]),
    [async () => ({ role: 'admin' }), undefined], [() => undefined, undefined], [() => ({ email: undefined }), undefined]
  ]
  for (const [claims, message] of outcomes) {
    const auth = createMemoryAuth({ plugins: [userIdJwt({ claims: claims as never })] })
    const { cookie } = await signUp(auth)
    const asked = auth.api.getToken({ headers: new Headers({ cookie }) })
    if (message === undefined) await t.resolves(asked)
    else await t.rejects(asked, { message })
  }
  for (const claims of [null, {}, 'org_id', []]) t.throws(() => userIdJwt({ claims: claims as never }), { name: 'TypeError', message: /^"claims" of userIdJwt\(\) must be a function/ })
})

t.test('unfit options are refused with a sentence', async (t) => {
  for (const options of [null, 5, 'x', [], true, () => ({})]) t.throws(() => userIdJwt(options as never), { name: 'TypeError', message: /^The options of userIdJwt\(\) are an object/ })
  for (const name of ['expiresin', 'secrets']) t.throws(() => userIdJwt({ [name]: 5 } as never), { name: 'TypeError', message: new RegExp(`^"${name}" is not an option of userIdJwt`) })
  t.throws(() => userIdJwt({ expiresIn: 0 }), { name: 'TypeError', message: /whole number of seconds/ })
  t.throws(() => userIdJwt({ expiresIn: 1.5 }), { name: 'TypeError' })
  t.throws(() => userIdJwt({ expiresIn: '15m' as unknown as number }), { name: 'TypeError' })
  t.throws(() => userIdJwt({ secret: 'short' }), { name: 'TypeError', message: /needs at least 32/ })
  t.throws(() => userIdJwt({ secret: ` ${authSecret}` }), { name: 'TypeError', message: /white space/ })
  t.throws(() => userIdJwt({ secret: 'better-auth-secret-12345678901234567890' }), { name: 'TypeError', message: /published development default/ })
})

t.test('an instance with a short secret does not start', async (t) => {
  const auth = createMemoryAuth({ secret: 'short', plugins: [userIdJwt()] })
  await t.rejects(auth.$context, { name: 'TypeError', message: /needs at least 32/ })
})

t.test('one plugin object does not serve two instances with different secrets', async (t) => {
  const shared = userIdJwt()
  const first = createMemoryAuth({ plugins: [shared] })
  await first.$context
  const again = createMemoryAuth({ plugins: [shared] })
  await again.$context
  const second = createMemoryAuth({ secret: 'another-secret-0123456789-abcdefghijklmnop', plugins: [shared] })
  await t.rejects(second.$context, /once for each/)
})

t.test('nothing but GET /token and get-session gets at the signature', async (t) => {
  const plugin = userIdJwt({ secret: authSecret })
  t.same(Object.keys(plugin.endpoints), ['getToken'])
  t.notOk('options' in plugin)
})
