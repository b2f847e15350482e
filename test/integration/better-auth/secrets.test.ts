import type { BetterAuthOptions } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { getSchema } from 'better-auth/db'
import {
  admin, anonymous, bearer, deviceAuthorization, emailOTP, genericOAuth, lastLoginMethod, magicLink, multiSession, oAuthProxy, oneTap, oneTimeToken, openAPI,
  organization, phoneNumber, siwe, twoFactor, username
} from 'better-auth/plugins'
import { drizzle } from 'drizzle-orm/postgres-js'
import { bigint, boolean, integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import Fastify, { type FastifyServerOptions } from 'fastify'
import postgresJs, { type Sql } from 'postgres'
import t, { type Test } from 'tap'
import { userIdJwt } from '../../../lib/better-auth/user-id-jwt.js'
import authIntegration, { loggerOptions } from '../../../lib/index.js'
import { migrate } from '../../fixtures/auth-database.js'
import { authSecret, createMemoryAuth } from '../../fixtures/memory-auth.js'
import { startPostgres } from '../../fixtures/postgres.js'

// Stands in every secret that a client sends: 24 letters and digits, as Better Auth's own tokens are.
const mark = 'MARKhunter2MARKhunter2MA'

const headers = { origin: 'http://localhost:3000', 'user-agent': 'secrets' }
const send = async (): Promise<void> => {}

const plugins = (): NonNullable<BetterAuthOptions['plugins']> => [
  userIdJwt(), admin(), anonymous(), bearer(), deviceAuthorization({ verificationUri: '/device' }), emailOTP({ sendVerificationOTP: send, changeEmail: { enabled: true } }),
  genericOAuth({ config: [{ providerId: 'own', clientId: 'id', clientSecret: mark, authorizationUrl: 'http://127.0.0.1:1/a', tokenUrl: 'http://127.0.0.1:1/t' }] }),
  lastLoginMethod(), magicLink({ sendMagicLink: send }), multiSession(), oAuthProxy({ secret: authSecret }), oneTap({ clientId: 'id' }), oneTimeToken(), openAPI(),
  organization({ sendInvitationEmail: send, teams: { enabled: true }, dynamicAccessControl: { enabled: true }, ac: undefined as never }), phoneNumber({ sendOTP: send, sendPasswordResetOTP: send, verifyOTP: async () => false }),
  siwe({ domain: 'localhost', getNonce: async () => mark, verifyMessage: async () => false }), twoFactor({ otpOptions: { sendOTP: send } }), username()
]

/** Better Auth's tables with those of all its plugins, for Drizzle. */
function drizzleSchema (options: BetterAuthOptions): Record<string, unknown> {
  const columnOf = (name: string, type: unknown) => {
    switch (type) {
      case 'boolean': return boolean(name)
      case 'number': return name === 'lastRequest' ? bigint(name, { mode: 'number' }) : integer(name)
      case 'date': return timestamp(name, { withTimezone: true })
      default: return text(name)
    }
  }
  return Object.fromEntries(Object.entries(getSchema(options)).map(([name, { fields }]) => [name, pgTable(name, {
    id: text('id').primaryKey(),
    ...Object.fromEntries(Object.entries(fields).map(([field, { type, fieldName }]) => [field, columnOf(fieldName ?? field, type)]))
  })]))
}

async function serve (t: Test, url: string, logger: (stream: { write (line: string): void }) => FastifyServerOptions['logger'], logsBetterAuth = false) {
  const lines: string[] = []
  const client = postgresJs(url, { max: 4, onnotice: () => {} })
  const options: BetterAuthOptions = {
    plugins: plugins(),
    socialProviders: { github: { clientId: 'id', clientSecret: mark } },
    user: { changeEmail: { enabled: true }, deleteUser: { enabled: true, sendDeleteAccountVerification: send } },
    emailVerification: { sendVerificationEmail: send },
    rateLimit: { enabled: false }
  }
  const schema = drizzleSchema(options)
  const app = Fastify({ logger: logger({ write: (line) => { lines.push(line) } }) })
  const auth = createMemoryAuth({
    ...options,
    database: drizzleAdapter(drizzle(client), { provider: 'pg', schema }),
    emailAndPassword: { enabled: true, sendResetPassword: send },
    logger: logsBetterAuth ? { level: 'debug', log: (level, message, ...details) => { app.log[level]({ details }, message) } } : { disabled: true }
  })
  t.teardown(async () => { await app.close(); await client.end() })
  await app.register(authIntegration, { secret: authSecret, betterAuth: auth, frontendUrl: 'http://localhost:3000', hook: 'onRequest' })
  return { app, auth, client, lines, options }
}

type Served = Awaited<ReturnType<typeof serve>>

const email = `${mark}@example.com`
const password = `password of ${mark}`
// Whatever an endpoint reads of these, it reads a secret.
const secrets = Object.fromEntries([
  'token', 'code', 'state', 'otp', 'user_code', 'userCode', 'device_code', 'deviceCode', 'id', 'invitationId', 'nonce', 'popupNonce', 'message', 'signature', 'idToken', 'id_token', 'error', 'profile',
  'client_id', 'currentPassword', 'newPassword', 'refreshToken', 'sessionToken', 'cookies', 'name', 'username', 'secret', 'userId', 'walletAddress', 'identifier'
].map((name) => [name, mark]))
const query = new URLSearchParams({ ...secrets, email, callbackURL: `/?token=${mark}`, redirectTo: `/reset-password/${mark}`, provider: 'github', providerId: 'github' })
const payload = {
  ...secrets,
  email,
  password,
  newEmail: `new-${email}`,
  phoneNumber: '+491234567890',
  type: 'sign-in',
  provider: 'github',
  providerId: 'github',
  callbackURL: '/',
  redirectTo: '/',
  role: 'member',
  grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
  data: { name: mark },
  slug: mark,
  chainId: 1
}

type Method = 'GET' | 'POST'

/** Sends each endpoint everything it could take for a secret. */
async function sendEverything ({ app, auth }: Served, cookies: Record<string, string>): Promise<number> {
  let sent = 0
  const endpoints = Object.values(auth.api as unknown as Record<string, { path?: string, options?: { method: Method | Method[] } }>)
  for (const { path, options } of endpoints) {
    if (path === undefined || path === '/sign-out') continue
    for (const method of [options!.method].flat()) {
      const url = `/api/auth${path.replace(/:id/g, 'github').replace(/:\w+/g, mark)}`
      for (const given of [{ ...secrets, token: mark }, {}]) {
        await app.inject({
          method,
          url: `${url}?${query}`,
          headers: { ...headers, authorization: `Bearer ${mark}`, cookie: Object.entries({ ...cookies, ...given }).map(([name, value]) => `${name}=${value}`).join('; ') },
          payload: method === 'GET' ? undefined : payload
        })
        sent++
      }
    }
  }
  return sent
}

async function signUp ({ app }: Served): Promise<Record<string, string>> {
  const response = await app.inject({ method: 'POST', url: '/api/auth/sign-up/email', headers, payload: { name: 'Alice', email, password } })
  return Object.fromEntries(response.cookies.map(({ name, value }) => [name, value]))
}

/** The tables are gone: every query fails, with its values in hand. */
async function dropTables (client: Sql): Promise<void> {
  await client`drop schema public cascade`
  await client`create schema public`
}

for (const [what, logger, logsBetterAuth] of [
  ['loggerOptions(), which Better Auth logs to as well', (stream) => loggerOptions({ level: 'trace', stream }), true],
  ['a logger of the app\'s own', (stream) => ({ level: 'trace', stream }), false]
] satisfies Array<[string, Parameters<typeof serve>[2], boolean]>) {
  t.test(`no secret sent to any endpoint of Better Auth and its plugins is in a log line of ${what}`, async (t) => {
    const { url } = await startPostgres(t)
    const served = await serve(t, url, logger, logsBetterAuth)
    await migrate(url, served.options)
    const cookies = await signUp(served)
    t.ok(Object.keys(cookies).length > 0, 'signed up')
    t.ok(await sendEverything(served, cookies) > 200)
    await dropTables(served.client)
    const before = served.lines.length
    await sendEverything(served, cookies)
    t.ok(served.lines.slice(before).some((line) => line.includes('Failed query')), 'queries failed, and were logged')
    const leaks = served.lines.filter((line) => line.includes('hunter2') || line.includes(cookies['better-auth.session_token']!))
    t.strictSame(leaks.slice(0, 3), [], `${leaks.length} of ${served.lines.length} lines`)
  })
}
