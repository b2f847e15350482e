import fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { registerErrorHandler } from '../../lib/responses/error-handler.js'

interface Line { level: number, msg: string }

function build (t: Test): { app: FastifyInstance, lines: Line[] } {
  const lines: Line[] = []
  const app = fastify({ logger: { stream: { write: (line) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  return { app, lines }
}

t.test('an unknown route, or method, is 404 whatever the query holds, and the log does not repeat it', async (t) => {
  const { app, lines } = build(t)
  registerErrorHandler(app)
  app.get('/known', async () => 'ok')
  for (const url of ['/unknown?token=hunter2', '/known/more']) {
    const response = await app.inject(url)
    t.equal(response.statusCode, 404)
    t.equal(response.body, '{"detail":"Not Found"}')
  }
  t.equal((await app.inject({ method: 'DELETE', url: '/known' })).body, '{"detail":"Not Found"}')
  t.match(lines.find((line) => line.msg === 'No route matches'), { level: 30 })
  t.notOk(lines.some((line) => line.msg.includes('hunter2')))
})

const unread: Array<[string, { payload: string, headers: Record<string, string> }]> = [
  ['broken JSON', { payload: '{bad', headers: { 'content-type': 'application/json' } }],
  ['no JSON at all', { payload: '', headers: { 'content-type': 'application/json' } }],
  ['a forbidden key', { payload: '{"__proto__":1}', headers: { 'content-type': 'application/json' } }],
  ['an unknown media type', { payload: 'x', headers: { 'content-type': 'text/odd' } }],
  ['a media type that is none', { payload: 'x', headers: { 'content-type': 'x' } }],
  ['a body over the limit', { payload: JSON.stringify('x'.repeat(2_000_000)), headers: { 'content-type': 'application/json' } }]
]
for (const [what, sent] of unread) {
  t.test(`an unknown route is 404 with ${what}, a known one is not`, async (t) => {
    const { app } = build(t)
    registerErrorHandler(app)
    app.post('/known', async () => 'ok')
    t.match(await app.inject({ method: 'POST', url: '/unknown', ...sent }), { statusCode: 404, body: '{"detail":"Not Found"}' })
    t.match((await app.inject({ method: 'POST', url: '/known', ...sent })).statusCode, /^4(00|13|15)$/)
  })
}

t.test('what the app\'s own not-found handler throws keeps its status', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  app.setNotFoundHandler(async () => { throw Object.assign(new Error('Gone for good'), { statusCode: 410 }) })
  t.match(await app.inject('/unknown'), { statusCode: 410, body: '{"detail":"Gone for good"}' })
})

t.test('reply.callNotFound sends the same', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  app.get('/', (_request, reply) => { reply.callNotFound() })
  t.equal((await app.inject('/')).body, '{"detail":"Not Found"}')
})

for (const when of ['before', 'after']) {
  t.test(`an app that sets its own not-found handler ${when} us keeps it, with its hooks`, async (t) => {
    const { app } = build(t)
    const seen: string[] = []
    const own = () => app.setNotFoundHandler({ preHandler: async () => { seen.push('own hook') } }, async (_request, reply) => {
      return reply.code(404).send({ custom: true })
    })
    if (when === 'before') own()
    registerErrorHandler(app)
    if (when === 'after') own()
    const response = await app.inject('/unknown')
    t.strictSame(response.json(), { custom: true })
    t.strictSame(seen, ['own hook'])
  })
}

t.test('an encapsulated not-found handler serves its prefix, ours the rest', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  await app.register(async (child) => {
    child.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ child: true }))
  }, { prefix: '/child' })
  t.strictSame((await app.inject('/child/unknown')).json(), { child: true })
  t.strictSame((await app.inject('/unknown')).json(), { detail: 'Not Found' })
})

t.test('registered in a prefixed scope, errors and unknown routes below the prefix are answered', async (t) => {
  const { app } = build(t)
  await app.register(async (child) => {
    registerErrorHandler(child)
    child.get('/fail', async () => { throw new Error('inside') })
  }, { prefix: '/api' })
  t.strictSame((await app.inject('/api/unknown')).json(), { detail: 'Not Found' })
  t.strictSame((await app.inject('/api/fail')).json(), { detail: 'Internal Server Error' })
  t.match((await app.inject('/unknown')).json(), { message: /not found/ })
})

t.test('a not-found handler after the start is Fastify\'s own error, not swallowed', async (t) => {
  const { app } = build(t)
  await app.ready()
  t.throws(() => registerErrorHandler(app), { code: /^(FST|AVV)_/ })
})
