import type { BetterAuthOptions } from 'better-auth'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { userIdJwt } from '../../../lib/better-auth/user-id-jwt.js'
import authIntegration from '../../../lib/index.js'
import { authDrivers, migrate, openPglite, unreachable } from '../../fixtures/auth-database.js'
import { alice, authSecret, createMemoryAuth } from '../../fixtures/memory-auth.js'
import { startPostgres } from '../../fixtures/postgres.js'

const headers = { origin: 'http://localhost:3000' }

type Method = 'GET' | 'POST'

function createAuth (database: BetterAuthOptions['database'], more: BetterAuthOptions = {}) {
  return createMemoryAuth({
    plugins: [userIdJwt()],
    emailVerification: { sendVerificationEmail: async () => {} },
    user: { changeEmail: { enabled: true }, deleteUser: { enabled: true } },
    ...more,
    emailAndPassword: { enabled: true, sendResetPassword: async () => {} },
    database
  })
}

async function serve (t: Test, betterAuth: ReturnType<typeof createAuth>) {
  const lines: Array<{ level: number, msg: string, reqId?: string, err?: object }> = []
  const app = Fastify({ logger: { stream: { write: (line) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret: authSecret, betterAuth, cors: false })
  return { app, lines }
}

async function signUp (app: FastifyInstance): Promise<Record<string, string>> {
  const response = await app.inject({ method: 'POST', url: '/api/auth/sign-up/email', headers, payload: alice })
  return Object.fromEntries(response.cookies.map(({ name, value }) => [name, value]))
}

// What a body needs to get past validation; every endpoint takes what it knows of it.
const payload = {
  ...alice, token: 'x', newPassword: 'correct horse battery', currentPassword: alice.password, newEmail: 'new@example.com', callbackURL: '/', provider: 'github', providerId: 'github'
}

/** Every endpoint of the instance that HTTP reaches. */
function endpointsOf (auth: ReturnType<typeof createAuth>): Array<{ method: Method, url: string }> {
  return Object.values(auth.api as unknown as Record<string, { path?: string, options?: { method: Method | Method[], metadata?: { SERVER_ONLY?: boolean } } }>)
    .filter(({ path, options }) => path !== undefined && options?.metadata?.SERVER_ONLY !== true)
    .flatMap(({ path, options }) => [options!.method].flat().map((method) => ({ method, url: `/api/auth${path!.replace(/:\w+/g, 'x')}` })))
}

const needDatabase = ['get-session', 'token', 'list-sessions', 'sign-in/email', 'sign-up/email', 'sign-out', 'change-password', 'update-user', 'list-accounts', 'revoke-sessions', 'request-password-reset']

async function expectOutage (t: Test, auth: ReturnType<typeof createAuth>, cookies: Record<string, string>): Promise<void> {
  const { app, lines } = await serve(t, auth)
  const unavailable: string[] = []
  for (const { method, url } of endpointsOf(auth)) {
    const response = await app.inject({ method, url, headers, cookies, payload: method === 'GET' ? undefined : payload })
    const { reqId } = lines.findLast((line) => line.msg === 'incoming request')!
    const logged = lines.some((line) => line.reqId === reqId && line.level === 50 && line.msg.startsWith('Better Auth failed at'))
    if (response.statusCode === 503) {
      t.match({ body: response.body, retryAfter: response.headers['retry-after'], logged }, { body: '{"detail":"Service Unavailable"}', retryAfter: '5', logged: true }, url)
      unavailable.push(url.replace('/api/auth/', ''))
    } else {
      t.ok(response.statusCode < 500 && response.statusCode !== 401, `${method} ${url} needs no database: ${response.statusCode}`)
    }
  }
  for (const name of needDatabase) t.ok(unavailable.includes(name), `${name} is unavailable`)
}

t.test('a database that is away is 503 with Retry-After and a line in the log on every endpoint, with any driver', async (t) => {
  const { url } = await startPostgres(t)
  await migrate(url)
  for (const driver of authDrivers) {
    const { app } = await serve(t, createAuth(driver.open(t, url)))
    const cookies = await signUp(app)
    t.equal((await app.inject({ url: '/api/auth/token', headers, cookies })).statusCode, 200, `${driver.name} signs in`)
    for (const how of ['refuses', 'hangs up', 'is silent'] as const) {
      // postgres.js connects again for ever when it is hung up on, so that no response can be given.
      if (driver.name === 'Drizzle over postgres' && how === 'hangs up') continue
      await t.test(`${driver.name}, whose server ${how}`, async (t) => {
        await expectOutage(t, createAuth(driver.open(t, await unreachable(t, how))), cookies)
      })
    }
    const { app: again } = await serve(t, createAuth(driver.open(t, url)))
    await again.inject({ method: 'POST', url: '/api/auth/delete-user', headers, cookies, payload: { password: alice.password } })
  }
})

t.test('a closed PGlite is 503 likewise', async (t) => {
  const { client, database } = await openPglite()
  const auth = createAuth(database)
  const { app } = await serve(t, auth)
  const cookies = await signUp(app)
  t.equal((await app.inject({ url: '/api/auth/token', headers, cookies })).statusCode, 200)
  await client.close()
  await expectOutage(t, auth, cookies)
})

t.test('with onAPIError.throw it is the same', async (t) => {
  const database = authDrivers[2]!.open(t, await unreachable(t, 'refuses'))
  const { app } = await serve(t, createAuth(database, { onAPIError: { throw: true } }))
  t.match(await app.inject({ method: 'POST', url: '/api/auth/sign-in/email', headers, payload: alice }), { statusCode: 503, headers: { 'retry-after': '5' } })
})

t.test('a value that PostgreSQL refuses is no failure of the server', async (t) => {
  const { url } = await startPostgres(t)
  await migrate(url)
  const { app, lines } = await serve(t, createAuth(authDrivers[2]!.open(t, url)))
  const response = await app.inject({ method: 'POST', url: '/api/auth/sign-up/email', headers, payload: { ...alice, name: 'a\0hunter2' } })
  t.ok(response.statusCode < 500, String(response.statusCode))
  t.notMatch(JSON.stringify(lines), 'hunter2')
})
