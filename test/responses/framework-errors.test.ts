import fastify from 'fastify'
import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { clientErrorHandler, frameworkErrors } from '../../lib/responses/framework-errors.js'

async function listen (t: Test) {
  const lines: Array<{ level: number, msg: string }> = []
  const app = fastify({
    frameworkErrors,
    clientErrorHandler,
    logger: { level: 'debug', stream: { write: (line) => { lines.push(JSON.parse(line)) } } },
    http: { maxHeaderSize: 4096, headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 }
  })
  t.teardown(() => app.close())
  app.get('/:id', async () => 'ok')
  return { app, lines }
}

async function send (app: Awaited<ReturnType<typeof listen>>['app'], bytes: string): Promise<string> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(bytes)
  let text = ''
  socket.on('data', (chunk) => { text += chunk })
  await once(socket, 'close')
  return text
}

t.test('a bad percent escape is 400 in our shape and does not echo the path', async (t) => {
  const lines: string[] = []
  const app = fastify({ frameworkErrors, logger: { stream: { write: (line) => { lines.push(line) } } } })
  t.teardown(() => app.close())
  app.get('/:id', async () => 'ok')
  const response = await app.inject('/%zz')
  t.equal(response.statusCode, 400)
  t.equal(response.body, '{"detail":"Bad Request"}')
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  t.match(lines.join(''), 'FST_ERR_BAD_URL')
})

t.test('a path parameter over the limit is 414 in our shape', async (t) => {
  const app = fastify({ frameworkErrors })
  t.teardown(() => app.close())
  app.get('/:id', async () => 'ok')
  const response = await app.inject('/' + 'x'.repeat(101))
  t.equal(response.statusCode, 414)
  t.equal(response.body, '{"detail":"URI Too Long"}')
})

t.test('a constraint that fails is 500 with its cause in the log only', async (t) => {
  const lines: string[] = []
  const app = fastify({
    frameworkErrors,
    logger: { stream: { write: (line) => { lines.push(line) } } },
    routerOptions: {
      constraints: {
        secret: {
          name: 'secret',
          storage: () => ({ get: () => null, set: () => {} }),
          validate: () => true,
          deriveConstraint: (_request: unknown, _context: unknown, done?: (error: Error) => void) => {
            done?.(new Error('vault down'))
            return ''
          }
        }
      }
    }
  })
  t.teardown(() => app.close())
  app.get('/', { constraints: { secret: 'x' } }, async () => 'ok')
  const response = await app.inject('/')
  t.equal(response.statusCode, 500)
  t.equal(response.body, '{"detail":"Internal Server Error"}')
  t.ok(lines.some((line) => JSON.parse(line).level === 50))
})

const malformed: Array<[string, string, string, string]> = [
  ['bytes that are no HTTP', 'nonsense\r\n\r\n', '400 Bad Request', 'Bad Request'],
  ['headers over the limit', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(8192)}\r\n\r\n`, '431 Request Header Fields Too Large', 'Request Header Fields Too Large'],
  ['a request that never ends', 'GET / HTTP/1.1\r\n', '408 Request Timeout', 'Request Timeout']
]
for (const [what, bytes, status, detail] of malformed) {
  t.test(`${what} is ${status} in our shape, and the connection closes`, async (t) => {
    const { app, lines } = await listen(t)
    const text = await send(app, bytes)
    const [head, body] = text.split('\r\n\r\n')
    t.match(head, `HTTP/1.1 ${status}`)
    t.match(head, `Content-Length: ${body!.length}`)
    t.equal(body, JSON.stringify({ detail }))
    t.ok(lines.some((line) => line.msg === 'Refused before parsing'))
  })
}

t.test('a connection that the client reset, or that is gone, gets nothing', (t) => {
  const written: string[] = []
  const socket = (properties: object) => ({ destroyed: false, writable: true, write: (text: string) => written.push(text), destroy: () => {}, ...properties }) as never
  const error = (code: string) => Object.assign(new Error(code), { code }) as never
  clientErrorHandler(error('ECONNRESET'), socket({}))
  clientErrorHandler(error('HPE_INVALID_METHOD'), socket({ destroyed: true }))
  clientErrorHandler(error('HPE_INVALID_METHOD'), socket({ writable: false }))
  t.strictSame(written, [])
  clientErrorHandler(error('HPE_INVALID_METHOD'), socket({}))
  t.equal(written.length, 1)
  t.end()
})
