import { once } from 'node:events'
import { connect } from 'node:net'
import cors from '@fastify/cors'
import { bearer } from 'better-auth/plugins/bearer'
import fastify, { type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { registerErrorHandler } from '../../lib/responses/error-handler.js'
import { mountBetterAuth } from '../../lib/better-auth/mount.js'
import { userIdJwt } from '../../lib/better-auth/user-id-jwt.js'
import type { BetterAuthInstance } from '../../lib/options.js'
import { alice, createMemoryAuth } from '../fixtures/memory-auth.js'
import { listenOnLoopback, rawRequest } from '../fixtures/raw-request.js'

type Teardown = Pick<typeof t, 'teardown'>

function mounted (t: Teardown, auth: BetterAuthInstance, options: FastifyServerOptions = {}) {
  const app = fastify(options)
  t.teardown(() => app.close())
  mountBetterAuth(app, auth)
  return app
}

// Stands in for Better Auth where the test is about what it is given or what it sends.
function standIn (handler: (request: Request) => Promise<Response> | Response): BetterAuthInstance {
  return { handler: async (request) => handler(request), options: {} }
}

// A log kept in memory, one object a line.
function loggedLines () {
  const lines: Array<{ level: number, msg: string, err?: { message: string } }> = []
  return { lines, logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } }
}

t.test('sign-up, session, token and sign-out work through the mount', async (t) => {
  const app = mounted(t, createMemoryAuth({ plugins: [userIdJwt()] }))
  const headers = { origin: 'http://localhost:3000' }
  const signedUp = await app.inject({ method: 'POST', url: '/api/auth/sign-up/email', headers, payload: alice })
  t.equal(signedUp.statusCode, 200)
  const cookies = Object.fromEntries(signedUp.cookies.map(({ name, value }) => [name, value]))
  const session = await app.inject({ url: '/api/auth/get-session', headers, cookies })
  t.equal(session.json().user.email, alice.email)
  t.match(session.headers['set-auth-jwt'], /^ey/)
  const token = await app.inject({ url: '/api/auth/token', headers, cookies })
  t.match(token.json().token, /^ey/)
  const signedOut = await app.inject({ method: 'POST', url: '/api/auth/sign-out', headers, cookies })
  t.equal(signedOut.statusCode, 200)
  const again = await app.inject({ url: '/api/auth/token', headers, cookies: {} })
  t.equal(again.statusCode, 401)
})

t.test('bad JSON, other media types and empty bodies are left to Better Auth', async (t) => {
  const app = mounted(t, createMemoryAuth({}))
  const send = (type: string, payload: string) => app.inject({
    method: 'POST', url: '/api/auth/sign-in/email', headers: { origin: 'http://localhost:3000', 'content-type': type }, payload
  })
  t.match(await send('application/json', '{ bad'), { statusCode: 400 })
  t.match(await send('application/json', ''), { statusCode: 400 })
  t.match(await send('application/x-www-form-urlencoded', 'a=b'), { statusCode: 400, body: /VALIDATION_ERROR/ })
  t.match(await send('application/octet-stream', '\0'), { statusCode: 415 })
})

t.test('the body arrives byte for byte, whatever its type', async (t) => {
  const app = mounted(t, standIn(async (request) => Response.json([...new Uint8Array(await request.arrayBuffer())])))
  const payload = Buffer.from([0, 255, 10, 13, 195, 40])
  for (const type of ['application/json', 'text/plain', 'image/png', undefined]) {
    const response = await app.inject({ method: 'POST', url: '/api/auth/x', headers: type === undefined ? {} : { 'content-type': type }, payload })
    t.same(response.json(), [...payload], type ?? 'no type')
  }
})

t.test('the parsers of the app outside the mount are as they were', async (t) => {
  const app = mounted(t, standIn(() => new Response()))
  app.post('/own', async (request) => request.body)
  const response = await app.inject({ method: 'POST', url: '/own', payload: { a: 1 } })
  t.same(response.json(), { a: 1 })
})

t.test('a body past the body limit is a 413, declared or chunked', async (t) => {
  let reached = false
  const app = mounted(t, standIn(() => { reached = true; return new Response() }), { bodyLimit: 10 })
  const port = await listenOnLoopback(app)
  const head = ['POST /api/auth/x HTTP/1.1', 'Host: a', 'Content-Type: text/plain', 'Connection: close']
  t.match(await rawRequest(port, [...head, 'Content-Length: 11'], 'a'.repeat(11)), { status: 413 })
  t.match(await rawRequest(port, [...head, 'Transfer-Encoding: chunked'], `b\r\n${'a'.repeat(11)}\r\n0\r\n\r\n`), { status: 413 })
  t.equal(reached, false)
})

t.test('status, headers and each cookie come back over a socket', async (t) => {
  const app = mounted(t, standIn(() => {
    const headers = new Headers({ location: 'https://web.example.app/?a=b' })
    headers.append('set-cookie', 'a=1; Path=/; HttpOnly')
    headers.append('set-cookie', 'b=2; Path=/; Secure')
    return new Response(null, { status: 302, headers })
  }))
  const response = await rawRequest(await listenOnLoopback(app), ['GET /api/auth/x HTTP/1.1', 'Host: a', 'Connection: close'])
  t.equal(response.status, 302)
  t.same(response.head.match(/^set-cookie: .*$/gim), ['set-cookie: a=1; Path=/; HttpOnly', 'set-cookie: b=2; Path=/; Secure'])
  t.match(response.head, /^location: https:\/\/web\.example\.app\/\?a=b$/im)
})

t.test('a body that streams arrives in pieces', async (t) => {
  let next: ReadableStreamDefaultController<Uint8Array>
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => { next = controller } })
  const app = mounted(t, standIn(() => new Response(stream, { headers: { 'content-type': 'text/event-stream' } })))
  const port = await listenOnLoopback(app)
  next!.enqueue(Buffer.from('data: 1\n\n'))
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/x`)
  const reader = response.body!.getReader()
  const first = await reader.read()
  t.equal(Buffer.from(first.value!).toString(), 'data: 1\n\n')
  next!.close()
  t.equal((await reader.read()).done, true)
})

t.test('with the app\'s own CORS, what it exposes and what Better Auth exposes are exposed', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(cors, { origin: ['https://web.example.app'], credentials: true, exposedHeaders: ['x-total'] })
  mountBetterAuth(app, createMemoryAuth({ plugins: [userIdJwt(), bearer()] }))
  const headers = { origin: 'https://web.example.app' }
  const signedUp = await app.inject({ method: 'POST', url: '/api/auth/sign-up/email', headers: { origin: 'http://localhost:3000' }, payload: alice })
  t.equal(signedUp.headers['access-control-expose-headers'], 'x-total, set-auth-token')
  const cookies = Object.fromEntries(signedUp.cookies.map(({ name, value }) => [name, value]))
  const session = await app.inject({ url: '/api/auth/get-session', headers, cookies })
  t.equal(session.headers['access-control-expose-headers'], 'x-total, set-auth-jwt')
})

t.test('a Host that is not among allowedHosts is the client\'s 400, without an error in the log', async (t) => {
  const { lines, logger } = loggedLines()
  const app = fastify({ logger })
  t.teardown(() => app.close())
  registerErrorHandler(app)
  mountBetterAuth(app, createMemoryAuth({ baseURL: { allowedHosts: ['api.example.app', '*.preview.example.app'] } }))
  for (const host of ['api.example.app', 'a.preview.example.app']) t.equal((await app.inject({ url: '/api/auth/ok', headers: { host } })).statusCode, 200, host)
  for (const host of ['evil.example', 'api.example.app.evil.example', 'localhost']) {
    t.match(await app.inject({ url: '/api/auth/ok', headers: { host } }), { statusCode: 400, body: '{"detail":"The Host header is not a host that is served here"}' }, host)
  }
  t.notOk(lines.some(({ level }) => level >= 50))
})

t.test('what the storage failed by is the cause of Better Auth\'s empty 500, whose hint is not needed then', async (t) => {
  const { lines, logger } = loggedLines()
  const app = fastify({ logger })
  t.teardown(() => app.close())
  registerErrorHandler(app)
  const adapter = { findOne: async () => { throw Object.assign(new Error('bad'), { code: '22021', severity: 'ERROR' }) } }
  const auth = {
    ...standIn(async () => {
      await adapter.findOne().catch(() => {})
      return new Response(null, { status: 500 })
    }),
    $context: Promise.resolve({ baseURL: '', adapter })
  }
  mountBetterAuth(app, auth)
  t.match(await app.inject('/api/auth/get-session'), { statusCode: 400, body: '{"detail":"Bad Request"}' })
  t.notMatch(JSON.stringify(lines), 'onAPIError')
})

t.test('the request line has neither the token in the path nor the values of the query, whatever the logger', async (t) => {
  const lines: string[] = []
  const app = fastify({ logger: { stream: { write: (line: string) => { lines.push(line) } } } })
  t.teardown(() => app.close())
  mountBetterAuth(app, createMemoryAuth({}))
  await app.inject('/api/auth/reset-password/hunter2?callbackURL=%2Fhunter2')
  await app.inject('/api/auth/anything?whatever=hunter2&a')
  t.match(lines.map((line) => JSON.parse(line)).filter(({ req }) => req !== undefined).map(({ req }) => req), [
    { method: 'GET', url: '/api/auth/reset-password/[redacted]?callbackURL=[redacted]', host: 'localhost:80', remoteAddress: '127.0.0.1' },
    { method: 'GET', url: '/api/auth/anything?whatever=[redacted]&a' }
  ])
  t.notMatch(lines.join(''), 'hunter2')
})

t.test('CORS stays intact: headers on the response, and set-auth-jwt exposed by the app', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(cors, { origin: ['https://web.example.app'], credentials: true, exposedHeaders: ['set-auth-jwt', 'x-total'] })
  mountBetterAuth(app, createMemoryAuth({ plugins: [userIdJwt()] }))
  const headers = { origin: 'https://web.example.app' }
  const response = await app.inject({ url: '/api/auth/get-session', headers })
  t.match(response.headers, {
    'access-control-allow-origin': 'https://web.example.app',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'set-auth-jwt, x-total',
    vary: /Origin/
  })
  const preflight = await app.inject({ method: 'OPTIONS', url: '/api/auth/sign-in/email', headers: { ...headers, 'access-control-request-method': 'POST' } })
  t.equal(preflight.statusCode, 204)
})

t.test('rate limits count the socket\'s address: a forged header does not escape them', async (t) => {
  const auth = createMemoryAuth({ rateLimit: { enabled: true, window: 60, max: 2, customRules: { '/get-session': { window: 60, max: 2 } } } })
  const app = mounted(t, auth)
  const statuses: number[] = []
  for (const last of [1, 2, 3]) {
    const response = await app.inject({ url: '/api/auth/get-session', remoteAddress: '198.51.100.7', headers: { 'x-forwarded-for': `203.0.113.${last}` } })
    statuses.push(response.statusCode)
  }
  t.same(statuses, [200, 200, 429])
  const other = await app.inject({ url: '/api/auth/get-session', remoteAddress: '198.51.100.8' })
  t.equal(other.statusCode, 200, 'somebody else has a bucket of their own')
})

t.test('nor does the header Better Auth was told to read', async (t) => {
  const auth = createMemoryAuth({
    rateLimit: { enabled: true, customRules: { '/get-session': { window: 60, max: 1 } } },
    advanced: { ipAddress: { ipAddressHeaders: ['cf-connecting-ip'] } }
  })
  const app = mounted(t, auth)
  const ask = (forged: string) => app.inject({ url: '/api/auth/get-session', remoteAddress: '198.51.100.17', headers: { 'cf-connecting-ip': forged } })
  t.equal((await ask('203.0.113.1')).statusCode, 200)
  t.equal((await ask('203.0.113.2')).statusCode, 429)
})

t.test('a rejected handler is a 500 of the app, logged with its cause, and tells the client nothing', async (t) => {
  const { lines, logger } = loggedLines()
  const cause = Object.assign(new Error('relation "user" is not there'), { statusCode: 418 })
  const app = mounted(t, standIn(() => { throw cause }), { logger })
  const response = await app.inject('/api/auth/get-session')
  t.equal(response.statusCode, 500)
  t.notMatch(response.body, /relation/)
  const line = lines.find(({ level }) => level === 50)
  t.match(line?.err?.message, 'Better Auth failed at GET /api/auth/get-session')
  t.match(JSON.stringify(line), /relation/)
})

t.test('an app\'s own error handler gets the rejection', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send({ detail: (error.cause as Error).message }))
  mountBetterAuth(app, standIn(() => { throw new Error('underneath') }))
  const response = await app.inject('/api/auth/x')
  t.same(response.json(), { detail: 'underneath' })
})

t.test('of what failed underneath, the driver\'s code goes along and nothing else', async (t) => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', statusCode: 418 })
  const wrapped = Object.assign(new Error('Failed query', { cause: refused }), { query: 'select', params: [] })
  for (const [thrown, code] of [[refused, 'ECONNREFUSED'], [wrapped, 'ECONNREFUSED'], ['no error', undefined], [new Error('x'), undefined]]) {
    const app = fastify()
    t.teardown(() => app.close())
    app.setErrorHandler((error: Error & { code?: string }, _request, reply) => reply.code(500).send({ code: error.code, keys: Object.keys(error) }))
    mountBetterAuth(app, standIn(() => { throw thrown }))
    t.same((await app.inject('/api/auth/x')).json(), code === undefined ? { keys: ['code'] } : { code, keys: ['code'] })
  }
})

t.test('with onAPIError.throw what fails inside an endpoint is left to the app, and a refusal stays Better Auth\'s', async (t) => {
  const auth = createMemoryAuth({
    onAPIError: { throw: true },
    emailAndPassword: { enabled: true, password: { hash: async () => 'hash', verify: async () => { throw new Error('no memory for a hash') } } }
  })
  const app = fastify()
  t.teardown(() => app.close())
  app.setErrorHandler((error: Error, _request, reply) => reply.code(500).send({ detail: (error.cause as Error).message }))
  mountBetterAuth(app, auth)
  const ask = (path: string, payload: object) => app.inject({ method: 'POST', url: `/api/auth${path}`, headers: { origin: 'http://localhost:3000' }, payload })
  t.match(await ask('/sign-in/email', alice), { statusCode: 401, body: /INVALID_EMAIL_OR_PASSWORD/ })
  t.equal((await ask('/sign-up/email', alice)).statusCode, 200)
  t.match(await ask('/sign-in/email', alice), { statusCode: 500, body: '{"detail":"no memory for a hash"}' })
})

for (const [what, body] of [['no body', null], ['an empty one', '']] as const) {
  t.test(`a failure that Better Auth sends with ${what} gets the app's response and a line in the log, and keeps its headers`, async (t) => {
    const { lines, logger } = loggedLines()
    const app = fastify({ logger })
    t.teardown(() => app.close())
    registerErrorHandler(app)
    mountBetterAuth(app, standIn(() => new Response(body, { status: 500, headers: [['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x-it', 'is']] })))
    const response = await app.inject({ method: 'POST', url: '/api/auth/sign-in/email?token=hunter2' })
    t.match(response, { statusCode: 500, body: '{"detail":"Internal Server Error"}', headers: { 'content-type': /json/, 'x-it': 'is', 'set-cookie': ['a=1', 'b=2'] } })
    const line = lines.find(({ level }) => level === 50)
    t.match(line?.msg, /^Better Auth responded 500 without a body at POST \/api\/auth\/sign-in\/email: with onAPIError/)
    t.notMatch(line?.msg, 'hunter2')
  })
}

t.test('a failure that Better Auth sends with a body is sent as it is', async (t) => {
  const app = mounted(t, standIn(() => Response.json({ code: 'FULL' }, { status: 503 })))
  t.match(await app.inject('/api/auth/x'), { statusCode: 503, body: '{"code":"FULL"}', headers: { 'content-type': /json/ } })
})

t.test('an API token in place of a verification link is a 400', async (t) => {
  const app = mounted(t, createMemoryAuth({ onAPIError: { throw: true }, plugins: [userIdJwt()] }))
  const headers = { origin: 'http://localhost:3000' }
  const signedUp = await app.inject({ method: 'POST', url: '/api/auth/sign-up/email', headers, payload: alice })
  const cookies = Object.fromEntries(signedUp.cookies.map(({ name, value }) => [name, value]))
  const { token } = (await app.inject({ url: '/api/auth/token', headers, cookies })).json()
  t.equal((await app.inject(`/api/auth/verify-email?token=${token}`)).statusCode, 400)
})

t.test('a client that goes away aborts the work, and that is no error', async (t) => {
  const { lines, logger } = loggedLines()
  let asked: () => void
  const waiting = new Promise<void>((resolve) => { asked = resolve })
  const app = mounted(t, standIn((request) => new Promise((_resolve, reject) => {
    request.signal.addEventListener('abort', () => reject(request.signal.reason))
    asked()
  })), { logger })
  const ended = new Promise<void>((resolve) => { app.addHook('onError', async () => resolve()) })
  const socket = connect(await listenOnLoopback(app), '127.0.0.1')
  socket.write('GET /api/auth/x HTTP/1.1\r\nHost: a\r\n\r\n')
  await waiting
  socket.destroy()
  await ended
  t.notOk(lines.some(({ level }) => level >= 50))
})

t.test('a body that has been read is no client that went away', async (t) => {
  let closed: Promise<unknown>
  const app = mounted(t, standIn(async (request) => { await closed; return Response.json(request.signal.aborted) }))
  app.addHook('onRequest', async (request) => { closed = once(request.raw, 'close') })
  const port = await listenOnLoopback(app)
  const response = await fetch(`http://127.0.0.1:${port}/api/auth/x`, { method: 'POST', body: 'body' })
  t.equal(await response.json(), false)
})

t.test('a client that goes away in the middle of its body does not reach Better Auth', async (t) => {
  let reached = false
  const app = mounted(t, standIn(() => { reached = true; return new Response() }))
  const port = await listenOnLoopback(app)
  const failed = new Promise<Error>((resolve) => { app.server.on('connection', (socket) => socket.on('close', resolve)) })
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.end('POST /api/auth/x HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nab')
  socket.resume()
  await failed
  t.equal(reached, false)
})

t.test('HEAD has no body and is asked as HEAD, so that looking does not spend a link', async (t) => {
  const seen: string[] = []
  const app = mounted(t, standIn((request) => { seen.push(request.method); return new Response('body') }))
  const response = await rawRequest(await listenOnLoopback(app), ['HEAD /api/auth/x HTTP/1.1', 'Host: a', 'Connection: close'])
  t.match(response, { status: 200, body: '' })
  t.same(seen, ['HEAD'])
})

t.test('the routes say that they are public', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  const routes: Array<{ url: string, auth: unknown }> = []
  app.addHook('onRoute', ({ url, config }) => { routes.push({ url, auth: config?.auth }) })
  mountBetterAuth(app, standIn(() => new Response()))
  await app.ready()
  t.ok(routes.length > 0)
  for (const route of routes) t.same(route, { url: '/api/auth/*', auth: false })
})

t.test('the base path is Better Auth\'s', async (t) => {
  const given = mounted(t, createMemoryAuth({ basePath: '/login/' }))
  t.equal((await given.inject('/login/ok')).statusCode, 200)
  t.equal((await given.inject('/api/auth/ok')).statusCode, 404)
  const inURL = mounted(t, createMemoryAuth({ baseURL: 'https://api.example/auth' }))
  t.equal((await inURL.inject('/auth/ok')).statusCode, 200)
  const unknown = mounted(t, createMemoryAuth({ baseURL: { allowedHosts: ['localhost:80'] } }))
  t.equal((await unknown.inject('/api/auth/ok')).statusCode, 200)
})

t.test('in a scope with a prefix the base path has to begin with it', async (t) => {
  const app = fastify()
  t.teardown(() => app.close())
  app.register(async (scope) => mountBetterAuth(scope, createMemoryAuth({ basePath: '/v1/auth' })), { prefix: '/v1' })
  t.equal((await app.inject('/v1/auth/ok')).statusCode, 200)
  const wrong = fastify()
  wrong.register(async (scope) => mountBetterAuth(scope, createMemoryAuth({})), { prefix: '/v1' })
  await t.rejects(async () => wrong.ready(), { name: 'TypeError', message: /set its basePath to "\/v1\/api\/auth"/ })
})

t.test('the root is no base path', async (t) => {
  const app = fastify()
  mountBetterAuth(app, { handler: async () => new Response(), options: { basePath: '/' } })
  await t.rejects(async () => app.ready(), { name: 'TypeError', message: /base path of its own/ })
})

t.test('an instance that cannot start stops the app from starting', async (t) => {
  const app = fastify()
  mountBetterAuth(app, createMemoryAuth({ secret: 'short', plugins: [userIdJwt()] }))
  await t.rejects(async () => app.ready(), { message: /needs at least 32/ })
})
