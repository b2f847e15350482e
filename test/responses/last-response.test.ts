import { once } from 'node:events'
import { connect as connectHttp2, constants } from 'node:http2'
import { PassThrough, Readable } from 'node:stream'
import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { registerErrorHandler } from '../../lib/responses/error-handler.js'
import { gate } from '../fixtures/faults.js'

const away = (): Error => Object.assign(new Error('redis://10.0.0.7 refused hunter2'), { code: 'ESESSION' })

const hooks: Array<[string, (app: FastifyInstance) => void]> = [
  ['that throws', (app) => { app.addHook('onSend', () => { throw away() }) }],
  ['that calls back with an error', (app) => { app.addHook('onSend', (_request, _reply, _payload, done) => { done(away()) }) }],
  ['that rejects', (app) => { app.addHook('onSend', async () => { await Promise.resolve(); throw away() }) }]
]

function build (t: Test, addHook: (app: FastifyInstance) => void) {
  const lines: Array<{ level: number, msg: string, err?: { message: string } }> = []
  const app = fastify({ logger: { stream: { write: (line) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  registerErrorHandler(app)
  app.addHook('onRequest', async (_request, reply) => { reply.header('access-control-allow-origin', 'https://web.example.app') })
  addHook(app)
  app.get('/fine', async () => ({ fine: true }))
  app.get('/refused', async () => { throw Object.assign(new Error('Not yours'), { statusCode: 403 }) })
  app.get('/broken', async () => { throw new Error('inside') })
  app.get('/stream', async () => Readable.from(['a', 'b']))
  return { app, lines }
}

for (const [what, addHook] of hooks) {
  t.test(`an onSend hook ${what} is 500 on any response, and its message is for the log alone`, async (t) => {
    const { app, lines } = build(t, addHook)
    for (const url of ['/fine', '/refused', '/broken', '/stream', '/nowhere']) {
      const response = await app.inject(url)
      t.match({ status: response.statusCode, body: response.body, type: response.headers['content-type'] },
        { status: 500, body: '{"detail":"Internal Server Error"}', type: 'application/json; charset=utf-8' }, url)
      t.equal(response.headers['access-control-allow-origin'], 'https://web.example.app')
    }
    t.ok(lines.some(({ level, err }) => level === 50 && err?.message.includes('redis://')))
    t.equal((await app.inject({ method: 'HEAD', url: '/fine' })).statusCode, 500)
  })
}

t.test('over a socket the response is whole, and the connection goes on', async (t) => {
  const { app } = build(t, hooks[2]![1])
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  for (const path of ['/fine', '/refused', '/nowhere']) {
    const response = await fetch(origin + path)
    t.match({ status: response.status, body: await response.text() }, { status: 500, body: '{"detail":"Internal Server Error"}' })
  }
})

t.test('a hook whose database is away is 503 with Retry-After', async (t) => {
  const { app } = build(t, (app) => {
    app.addHook('onSend', async () => { throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }) })
  })
  for (const url of ['/fine', '/refused', '/nowhere']) t.match(await app.inject(url), { statusCode: 503, headers: { 'retry-after': '5' } }, url)
})

t.test('a hook that fails once leaves the error response to the hooks', async (t) => {
  let failures = 0
  const { app } = build(t, (app) => {
    app.addHook('onSend', async (_request, reply) => {
      if (failures++ === 0) throw away()
      reply.header('x-hook', 'ran')
    })
  })
  t.match(await app.inject('/fine'), { statusCode: 500, body: '{"detail":"Internal Server Error"}', headers: { 'x-hook': 'ran' } })
})

t.test('an error handler of a scope below, whose response fails, comes to ours', async (t) => {
  const { app } = build(t, hooks[0]![1])
  app.register(async (scope) => {
    scope.setErrorHandler((_error, _request, reply) => reply.code(418).send({ own: true }))
    scope.get('/scope', async () => { throw new Error('x') })
  })
  t.match(await app.inject('/scope'), { statusCode: 500, body: '{"detail":"Internal Server Error"}' })
})

t.test('over HTTP/2 a body that breaks off ends in an error, and the connection goes on', async (t) => {
  const app = fastify({ http2: true })
  t.teardown(() => app.close())
  registerErrorHandler(app as never)
  app.get('/raw', async (_request, reply) => {
    reply.raw.writeHead(200, { 'content-type': 'text/plain' })
    reply.raw.write('half')
    throw new Error('half way')
  })
  let arrived = gate()
  app.get('/stream', async () => {
    const stream = new PassThrough()
    stream.write('half')
    arrived.opened.then(() => stream.destroy(new Error('stream broke')))
    return stream
  })
  app.get('/web', async () => new Response(new ReadableStream({
    start (controller) { controller.enqueue(new TextEncoder().encode('half')) },
    async pull (controller) {
      await arrived.opened
      controller.error(new Error('web stream broke'))
    }
  })))
  app.get('/ok', async () => 'ok')
  const session = connectHttp2(await app.listen({ port: 0, host: '127.0.0.1' }))
  t.teardown(() => session.destroy())
  for (const path of ['/raw', '/stream', '/web']) {
    const request = session.request({ ':path': path })
    let body = ''
    arrived = gate()
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk
      arrived.open()
    })
    const [error] = await once(request, 'error').catch((thrown) => [thrown]) as [NodeJS.ErrnoException]
    t.equal(body, 'half', path)
    t.equal(error?.code, 'ERR_HTTP2_STREAM_ERROR', path)
    t.equal(request.rstCode, constants.NGHTTP2_INTERNAL_ERROR, path)
  }
  const fine = session.request({ ':path': '/ok' })
  let body = ''
  fine.setEncoding('utf8').on('data', (chunk) => { body += chunk })
  await once(fine, 'end')
  t.equal(body, 'ok')
})
