import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import fastify, { type FastifyRequest, type FastifyServerOptions } from 'fastify'
import t from 'tap'
import { toWebRequest, type KnownFacts } from '../../lib/better-auth/web-request.js'
import { listenOnLoopback, rawRequest } from '../fixtures/raw-request.js'

interface Seen { url: string, method: string, headers: Record<string, string>, body: string }

// Answers what Better Auth would see of these bytes, sent over a socket.
async function seen (t: Pick<typeof import('tap').t, 'teardown'>, lines: string[], body = '', known: KnownFacts = {}, options: FastifyServerOptions = {}) {
  const app = fastify(options)
  t.teardown(() => app.close())
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.all('*', async (request): Promise<Seen> => {
    const web = toWebRequest(request, known)
    return { url: web.url, method: web.method, headers: Object.fromEntries(web.headers), body: await web.text() }
  })
  const response = await rawRequest(await listenOnLoopback(app), [...lines, 'Connection: close'], body)
  return { status: response.status, request: JSON.parse(response.body) as Seen }
}

const forged = [
  'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Host: evil.example', 'X-Forwarded-Proto: https',
  'Forwarded: for=203.0.113.9;host=evil.example', 'X-Real-IP: 203.0.113.9', 'X-Client-IP: 203.0.113.9'
]

t.test('method, path, query, headers and body go through as they came', async (t) => {
  const { request } = await seen(t, [
    'POST /api/auth/sign-in/email?a=1&a=%2F HTTP/1.1', 'Host: api.example:3000', 'Content-Type: application/json',
    'Content-Length: 11', 'Cookie: a=1', 'Cookie: b=2', 'X-Many: 1', 'X-Many: 2',
    'Set-Cookie: c=3', 'Set-Cookie: d=4'
  ], '{ "a": "b"}')
  t.equal(request.url, 'http://api.example:3000/api/auth/sign-in/email?a=1&a=%2F')
  t.equal(request.method, 'POST')
  t.equal(request.body, '{ "a": "b"}')
  t.match(request.headers, { host: 'api.example:3000', cookie: 'a=1; b=2', 'x-many': '1, 2', 'content-type': 'application/json' })
  t.notOk('connection' in request.headers)
})

t.test('the one client address is the socket\'s, whatever the client wrote', async (t) => {
  const { request } = await seen(t, ['GET /x HTTP/1.1', 'Host: api.example', ...forged])
  t.equal(request.url, 'http://api.example/x')
  t.equal(request.headers['x-forwarded-for'], '127.0.0.1')
  for (const name of ['x-forwarded-host', 'x-forwarded-proto', 'forwarded', 'x-real-ip', 'x-client-ip']) {
    t.notOk(name in request.headers, `${name} is gone`)
  }
})

t.test('behind a proxy Fastify trusts, address, scheme and host are what Fastify read', async (t) => {
  const { request } = await seen(t, ['GET /x HTTP/1.1', 'Host: internal', ...forged], '', {}, { trustProxy: '127.0.0.1' })
  t.equal(request.url, 'https://evil.example/x')
  t.match(request.headers, { 'x-forwarded-for': '203.0.113.9', host: 'evil.example' })
})

t.test('a forwarded scheme that is no scheme becomes http', async (t) => {
  const { request } = await seen(t, ['GET /x HTTP/1.1', 'Host: internal', 'X-Forwarded-Proto: javascript'], '', {}, { trustProxy: true })
  t.equal(request.url, 'http://internal/x')
})

t.test('the header Better Auth is told to read holds request.ip too', async (t) => {
  const { request } = await seen(t, ['GET /x HTTP/1.1', 'Host: a', 'CF-Connecting-IP: 203.0.113.9', ...forged], '', { address: { headers: ['cf-connecting-ip'], read: ({ ip }) => ip } })
  t.equal(request.headers['cf-connecting-ip'], '127.0.0.1')
  t.notOk('x-forwarded-for' in request.headers)
})

t.test('a known base URL wins over the Host header', async (t) => {
  const { request } = await seen(t, ['GET /x?y HTTP/1.1', 'Host: evil.example'], '', { origin: 'https://api.example' })
  t.equal(request.url, 'https://api.example/x?y')
})

t.test('a whole URL in the request line brings its path, not its host', async (t) => {
  const { request } = await seen(t, ['GET http://evil.example/x?y HTTP/1.1', 'Host: api.example'])
  t.equal(request.url, 'http://api.example/x?y')
})

t.test('a path of two slashes is no host', async (t) => {
  const { request } = await seen(t, ['GET //evil.example/x HTTP/1.1', 'Host: api.example'])
  t.equal(request.url, 'http://api.example//evil.example/x')
})

t.test('without a Host header (HTTP/1.0) there is a URL all the same', async (t) => {
  const { request } = await seen(t, ['GET /x HTTP/1.0'])
  t.equal(request.url, 'http://localhost/x')
})

t.test('GET and HEAD have no body, and an empty body is none', async (t) => {
  const get = await seen(t, ['GET /x HTTP/1.1', 'Host: a', 'Content-Length: 2'], 'ab')
  t.equal(get.request.body, '')
  const post = await seen(t, ['POST /x HTTP/1.1', 'Host: a', 'Content-Type: application/json', 'Content-Length: 0'])
  t.equal(post.request.body, '')
})

for (const host of ['a b', 'a/b', 'a?b', 'a#b', 'u@a', '[', 'a:99999', 'a\\b']) {
  t.test(`the Host header ${JSON.stringify(host)} is a 400`, async (t) => {
    const { status } = await seen(t, ['GET /x HTTP/1.1', `Host: ${host}`])
    t.equal(status, 400)
  })
}

t.test('a method no web request may have is a 400', async (t) => {
  const { status } = await seen(t, ['TRACE /x HTTP/1.1', 'Host: a'])
  t.equal(status, 400)
})

t.test('HTTP/2\'s pseudo-headers become the URL and no headers', async (t) => {
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  app.get('*', async (request) => {
    // Handlers are written for HTTP/1.1's types, whatever the server is.
    const web = toWebRequest(request as unknown as FastifyRequest)
    return { url: web.url, names: [...web.headers.keys()] }
  })
  const session = connect(await app.listen({ host: '127.0.0.1', port: 0 }))
  t.teardown(() => session.close())
  const response = JSON.parse(await text(session.request({ ':path': '/x?y', ':authority': 'api.example', accept: '*/*' }))) as { url: string, names: string[] }
  t.equal(response.url, 'http://api.example/x?y')
  t.same(response.names.sort(), ['accept', 'host', 'x-forwarded-for'])
})
