import fastify from 'fastify'
import t from 'tap'
import { privateRequestLine, privateUrl } from '../../lib/better-auth/private-url.js'

t.test('of the query the names stay, of the path all but the token', async (t) => {
  for (const [url, shown] of [
    ['/api/auth/ok', '/api/auth/ok'],
    ['/api/auth/reset-password/abc', '/api/auth/reset-password/[redacted]'],
    ['/api/auth/reset-password', '/api/auth/reset-password'],
    ['/api/auth/verify-email?token=abc&callbackURL=/x?y=z', '/api/auth/verify-email?token=[redacted]&callbackURL=[redacted]'],
    ['/api/auth/callback/github?code=abc&state=abc&flag', '/api/auth/callback/github?code=[redacted]&state=[redacted]&flag'],
    ['/api/auth/x?', '/api/auth/x?']
  ] as const) t.equal(privateUrl(url), shown)
})

t.test('the app\'s own serializer reads the request with that URL', async (t) => {
  const lines: string[] = []
  const app = fastify({
    logger: {
      stream: { write: (line) => { lines.push(line) } },
      serializers: { req: ({ url, originalUrl, raw, query, params, method, ip, id }) => ({ url, originalUrl, raw: raw?.url, query, params, method, ip, id }) }
    }
  })
  t.teardown(() => app.close())
  app.get('/x/reset-password/:token', { logSerializers: { req: privateRequestLine(app) } }, async () => 'ok')
  await app.inject('/x/reset-password/hunter2?token=hunter2')
  const url = '/x/reset-password/[redacted]?token=[redacted]'
  t.strictSame(JSON.parse(lines[0]!).req, { url, originalUrl: url, raw: url, query: {}, params: {}, method: 'GET', ip: '127.0.0.1', id: 'req-1' })
})

t.test('a logger that is no pino\'s gets method, URL and address', async (t) => {
  const seen: unknown[] = []
  const line = privateRequestLine({ log: {} } as never)
  seen.push(line({ method: 'GET', url: '/x?a=b', ip: '127.0.0.1', raw: {} } as never))
  t.strictSame(seen, [{ method: 'GET', url: '/x?a=[redacted]', remoteAddress: '127.0.0.1' }])
})
