import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import t, { type Test } from 'tap'
import { registerCors } from '../../lib/cors/register-cors.js'

const web = 'https://web.example.app'

async function build (t: Test, before: (app: FastifyInstance) => void = () => {}): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  before(app)
  await app.register(fp(async (instance) => { await registerCors(instance, { frontendUrl: web }) }))
  return app
}

const allowed = { 'access-control-allow-origin': web, 'access-control-allow-credentials': 'true', 'access-control-expose-headers': 'set-auth-jwt, set-auth-token' }

/** Each origin gets what it should over a socket, and each response varies by the origin. */
async function expectHeaders (t: Test, app: FastifyInstance, path: string, vary = 'Origin', others: Record<string, string> = {}): Promise<void> {
  if (!app.server.listening) await app.listen({ port: 0, host: '127.0.0.1' })
  for (const [origin, expected] of [[web, allowed], ['https://evil.example', {}], [undefined, {}]] as const) {
    const response = await fetch(app.listeningOrigin + path, { headers: origin === undefined ? {} : { origin } })
    const headers = Object.fromEntries(response.headers)
    const cors = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))
    t.strictSame({ status: response.status, vary: headers.vary, cors }, { status: 200, vary, cors: expected }, `${path} for ${origin}`)
    t.match(headers, others)
    await response.text()
  }
}

t.test('what a Response sets in Vary comes beside the origin', async (t) => {
  const app = await build(t)
  app.get('/vary', async () => new Response('in', { headers: { vary: 'Accept' } }))
  app.get('/stream', async () => new Response(new ReadableStream({ start (controller) { controller.enqueue(new TextEncoder().encode('in')); controller.close() } }), { headers: { vary: 'Accept, Cookie' } }))
  app.get('/none', async () => new Response('in'))
  await expectHeaders(t, app, '/vary', 'Accept, Origin')
  await expectHeaders(t, app, '/stream', 'Accept, Cookie, Origin')
  await expectHeaders(t, app, '/none')
})

t.test('a response that a handler writes past Fastify has the headers too', async (t) => {
  const app = await build(t)
  app.get('/hijack', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'X-Own': 'a', Vary: 'Accept' })
    reply.raw.end('in')
  })
  app.get('/reason', (_request, reply) => { reply.hijack(); reply.raw.writeHead(200, 'Fine', { 'x-own': 'a' }).end() })
  app.get('/implicit', (_request, reply) => { reply.hijack(); reply.raw.setHeader('x-own', 'a'); reply.raw.setHeader('vary', ['Accept', 'Cookie']); reply.raw.end('in') })
  app.get('/write', (_request, reply) => { reply.hijack(); reply.raw.setHeader('x-own', 'a'); reply.raw.write('in'); reply.raw.end() })
  app.get('/list', (_request, reply) => { reply.hijack(); reply.raw.writeHead(200, ['X-Own', 'a', 'Vary', 'Accept']).end() })
  app.get('/pairs', (_request, reply) => { reply.hijack(); reply.raw.writeHead(200, [['x-own', 'a'], ['vary', 'Accept'], ['vary', 'Cookie']] as never).end() })
  app.get('/status', (_request, reply) => { reply.hijack(); reply.raw.setHeader('x-own', 'a'); reply.raw.writeHead(200).end() })
  const own = { 'x-own': 'a' }
  await expectHeaders(t, app, '/hijack', 'Accept, Origin', own)
  await expectHeaders(t, app, '/reason', 'Origin', own)
  await expectHeaders(t, app, '/implicit', 'Accept, Cookie, Origin', own)
  await expectHeaders(t, app, '/write', 'Origin', own)
  await expectHeaders(t, app, '/list', 'Accept, Origin', own)
  await expectHeaders(t, app, '/pairs', 'Accept, Cookie, Origin', own)
  await expectHeaders(t, app, '/status', 'Origin', own)
})

t.test('one object of headers that a handler uses for all gets nobody\'s origin', async (t) => {
  const app = await build(t)
  const shared = Object.freeze({ 'x-own': 'a' })
  app.get('/', (_request, reply) => { reply.hijack(); reply.raw.writeHead(200, shared).end() })
  await expectHeaders(t, app, '/', 'Origin', shared)
  await expectHeaders(t, app, '/', 'Origin', shared)
})

t.test('what an earlier hook sets in Vary, and what a later one does, stays', async (t) => {
  const app = await build(t, (app) => { app.addHook('onRequest', async (_request, reply) => { reply.header('vary', 'Accept-Encoding') }) })
  app.addHook('onSend', async (_request, reply) => { reply.header('vary', `${String(reply.getHeader('vary'))}, Cookie`) })
  app.get('/', async () => 'in')
  await expectHeaders(t, app, '/', 'Accept-Encoding, Cookie, Origin')
})

t.test('a header that a handler sets itself stays', async (t) => {
  const app = await build(t)
  app.get('/', async (_request, reply) => { reply.header('access-control-allow-origin', '*').header('access-control-expose-headers', 'x'); return 'in' })
  const response = await app.inject({ url: '/', headers: { origin: web } })
  t.match(response.headers, { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'x', vary: 'Origin' })
})

t.test('a writer of the head that another hook has put there is called as well', async (t) => {
  const seen: number[] = []
  const app = await build(t, (app) => {
    app.addHook('onRequest', async (_request, { raw }) => {
      const { writeHead } = raw
      raw.writeHead = function (this: typeof raw, status: number, ...rest: never[]) {
        seen.push(status)
        return writeHead.call(this, status, ...rest)
      } as typeof writeHead
    })
  })
  app.get('/', async () => 'in')
  await expectHeaders(t, app, '/')
  t.strictSame(seen, [200, 200, 200])
})

t.test('over HTTP/2 it is the same', async (t) => {
  const app = Fastify({ http2: true })
  t.teardown(() => app.close())
  await app.register(fp(async (instance) => { await registerCors(instance as never, { frontendUrl: web }) }))
  app.get('/fastify', async (_request, reply) => { reply.header('vary', 'Accept'); return 'in' })
  app.get('/raw', (_request, reply) => { reply.hijack(); reply.raw.writeHead(200, { vary: 'Accept' }); reply.raw.end('in') })
  app.get('/implicit', (_request, reply) => { reply.hijack(); reply.raw.setHeader('vary', 'Accept'); reply.raw.end('in') })
  const session = connectHttp2(await app.listen({ port: 0, host: '127.0.0.1' }))
  t.teardown(() => session.close())
  for (const path of ['/fastify', '/raw', '/implicit']) {
    const request = session.request({ ':path': path, origin: web })
    const [headers] = await once(request, 'response')
    t.match(headers, { ':status': 200, vary: 'Accept, Origin', ...allowed }, path)
    request.resume()
    await once(request, 'end')
  }
})

t.test('a route with CORS options of its own has those, and one without CORS none', async (t) => {
  const app = await build(t)
  app.get('/none', { config: { cors: false } as object }, async () => 'in')
  app.get('/own', { config: { cors: { exposedHeaders: ['x-own'] } } as object }, async () => 'in')
  app.get('/usual', async () => 'in')
  t.notOk('access-control-allow-origin' in (await app.inject({ url: '/none', headers: { origin: web } })).headers)
  t.match((await app.inject({ url: '/own', headers: { origin: web } })).headers, { ...allowed, 'access-control-expose-headers': 'x-own' })
  t.match((await app.inject({ url: '/usual', headers: { origin: web } })).headers, allowed)
})
