import fastify, { type FastifyServerOptions } from 'fastify'
import t, { type Test } from 'tap'
import { mountBetterAuth } from '../../lib/better-auth/mount.js'
import { createMemoryAuth } from '../fixtures/memory-auth.js'

type Advanced = NonNullable<Parameters<typeof createMemoryAuth>[0]['advanced']>

async function limited (t: Test, advanced: Advanced, options: FastifyServerOptions = {}, baseURL = 'http://localhost:3000') {
  const lines: Array<{ level: number, msg: string }> = []
  const app = fastify({ ...options, logger: { stream: { write: (line) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  mountBetterAuth(app, createMemoryAuth({ baseURL, advanced, rateLimit: { enabled: true, storage: 'memory', customRules: { '/get-session': { window: 60, max: 1 } } } }))
  await app.ready()
  /** 200, and 429 when the same address comes again. */
  const ask = async (headers: Record<string, string>, remoteAddress: string) => (await app.inject({ url: '/api/auth/get-session', headers, remoteAddress })).statusCode
  const warnings = () => lines.filter(({ level }) => level === 40).map(({ msg }) => msg)
  return { ask, warnings }
}

let network = 0
/** Addresses that no other test has used up: Better Auth keeps its limits for the process. */
const subnet = () => `198.51.${++network}`

t.test('without a proxy the socket\'s address counts, whatever a client writes', async (t) => {
  const { ask, warnings } = await limited(t, {})
  const net = subnet()
  t.strictSame([await ask({}, `${net}.1`), await ask({ forwarded: 'for=1.2.3.4' }, `${net}.1`), await ask({}, `${net}.2`)], [200, 429, 200])
  t.strictSame(warnings(), [])
})

t.test('with trustProxy the client behind the proxy counts, without a warning', async (t) => {
  const { ask, warnings } = await limited(t, { ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] } }, { trustProxy: '10.0.0.1' })
  const net = subnet()
  const from = (address: string) => ask({ 'x-forwarded-for': address, 'cf-connecting-ip': '1.2.3.4' }, '10.0.0.1')
  t.strictSame([await from(`${net}.1`), await from(`${net}.1`), await from(`${net}.2`)], [200, 429, 200])
  t.strictSame(warnings(), [])
})

for (const header of ['x-forwarded-for', 'cf-connecting-ip']) {
  t.test(`Better Auth's own trustedProxies are heeded, and a forged ${header} is not`, async (t) => {
    const { ask, warnings } = await limited(t, { ipAddress: { trustedProxies: ['10.0.0.0/8'], ipAddressHeaders: [header] } })
    const net = subnet()
    const from = (address: string) => ask({ [header]: address }, '10.0.0.1')
    t.strictSame([await from(`${net}.1`), await from(`9.9.9.9, ${net}.1`), await from(`${net}.2`)], [200, 429, 200])
    t.strictSame([await ask({ [header]: `${net}.5` }, `${net}.7`), await ask({ [header]: `${net}.6` }, `${net}.7`)], [200, 429], 'a client that comes without the proxy')
    t.strictSame(warnings(), [])
  })
}

t.test('ipAddressHeaders that any client can write have no effect, and that is said at start with the remedy', async (t) => {
  const { ask, warnings } = await limited(t, { ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] } })
  t.match(warnings(), [/ipAddressHeaders \(cf-connecting-ip\) is not read.*trustedProxies.*fastify\(\{ trustProxy \}\)/])
  const net = subnet()
  t.strictSame([await ask({ 'cf-connecting-ip': '1.1.1.1' }, `${net}.1`), await ask({ 'cf-connecting-ip': '2.2.2.2' }, `${net}.1`)], [200, 429])
})

t.test('trustedProxyHeaders without a base URL have no effect either, and that is said', async (t) => {
  t.match((await limited(t, { trustedProxyHeaders: true }, {}, '')).warnings(), [/trustedProxyHeaders has no effect/])
  t.strictSame((await limited(t, { trustedProxyHeaders: true })).warnings(), [])
})

t.test('behind a proxy that the server was not told of, the first such request says so, once', async (t) => {
  const { ask, warnings } = await limited(t, {})
  const net = subnet()
  for (const last of [1, 2, 3]) await ask({ 'x-forwarded-for': `203.0.113.${last}` }, `${net}.1`)
  t.match(warnings(), [/X-Forwarded-For.*one limit of sign-ins; create the server with fastify\(\{ trustProxy \}\)/])
})
