import { DrizzleQueryError } from 'drizzle-orm/errors'
import fastify, { type FastifyInstance } from 'fastify'
import { connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import sensible from '@fastify/sensible'
import { registerErrorHandler } from '../../lib/responses/error-handler.js'
import { errors } from '../../lib/errors.js'
import { postgresTable } from '../../lib/responses/postgres-errors.js'

interface Line { level: number, msg: string, err?: { message: string, stack: string }, [key: string]: unknown }

function build (t: Test): { app: FastifyInstance, lines: Line[] } {
  const lines: Line[] = []
  const app = fastify({ logger: { stream: { write: (line) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  return { app, lines }
}

function throwing (t: Test, thrown: unknown): { app: FastifyInstance, lines: Line[] } {
  const built = build(t)
  registerErrorHandler(built.app)
  built.app.get('/', async () => { throw thrown })
  return built
}

t.test('an error of the package is sent with its detail, status and headers, and logs code and reason without a stack', async (t) => {
  const { app, lines } = throwing(t, new errors.InvalidToken(undefined, {
    reason: 'signature', headers: { 'www-authenticate': 'Bearer error="invalid_token"' }, cause: new Error('deep')
  }))
  const response = await app.inject('/')
  t.equal(response.statusCode, 401)
  t.equal(response.body, '{"detail":"Invalid token"}')
  t.equal(response.headers['content-type'], 'application/json; charset=utf-8')
  t.equal(response.headers['www-authenticate'], 'Bearer error="invalid_token"')
  const line = lines.find((line) => line.code)
  t.match(line, { level: 30, code: 'FAI_INVALID_TOKEN', reason: 'signature', msg: 'Invalid token: signature' })
  t.notOk(line?.err)
})

const withStatus = (message: string, properties: object) => Object.assign(new Error(message), properties)
const duplicate = () => new DrizzleQueryError('insert into users values ($1, $2)', ['hunter2', 'b'], Object.assign(new Error('duplicate key'), {
  code: '23505', severity: 'ERROR', detail: 'Key (email)=(hunter2) already exists.', table: 'users'
}))
const unreachable = () => new DrizzleQueryError('select 1 where $1', ['hunter2'], Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))
for (const [what, thrown, status] of [
  ['a refusal of PostgreSQL', duplicate(), 409],
  ['a failure of the connection', unreachable(), 503],
  ['a query that fails otherwise', new DrizzleQueryError('select $1', ['hunter2']), 500],
  ['an error of the app around one', withStatus('Saving failed', { statusCode: 422, cause: duplicate() }), 422],
  ['an error of the app that quotes one', withStatus(`Saving failed: ${duplicate().message}`, { statusCode: 400, expose: false, cause: duplicate() }), 400],
  ['an error of the package with one beneath', new errors.KeySetUnavailable(undefined, { cause: duplicate() }), 503],
  ['a bad value', Object.assign(new Error('invalid input syntax for type uuid: "hunter2"'), { code: '22P02', severity: 'ERROR' }), 400],
  ['a bad value of another kind', Object.assign(new Error('time zone "hunter2" not recognized'), { code: '22023', severity: 'ERROR' }), 500]
] as const) {
  t.test(`the values of a statement reach neither the client nor the log: ${what}`, async (t) => {
    const { app, lines } = throwing(t, thrown)
    const response = await app.inject('/')
    t.equal(response.statusCode, status)
    t.notMatch(response.body + JSON.stringify(lines), 'hunter2')
    if (thrown instanceof DrizzleQueryError) t.match(JSON.stringify(lines), thrown.query, 'the statement is in the log')
  })
}

t.test('that holds for every error class of the package and every SQLSTATE of the table', async (t) => {
  const { app, lines } = build(t)
  registerErrorHandler(app)
  let thrown: unknown
  app.get('/', async () => { throw thrown })
  const queries = Object.keys(postgresTable).map((code) => new DrizzleQueryError('select $1', ['hunter2'], Object.assign(new Error('bad: "hunter2"'), {
    code: code.padEnd(5, '0'), severity: 'ERROR', detail: 'Key (a)=(hunter2) is hunter2', where: 'hunter2', message: code.startsWith('22') ? 'bad: "hunter2"' : 'bad'
  })))
  const own = Object.values(errors).map((Failure) => new Failure(undefined, { cause: duplicate() }))
  for (thrown of [...queries, ...own]) t.notMatch((await app.inject('/')).body, 'hunter2')
  t.equal(lines.filter(({ msg }) => msg === 'request completed').length, queries.length + own.length)
  t.notMatch(JSON.stringify(lines), 'hunter2')
})

t.test('a value that is no timestamp is told to the client, who sent it, and not to the log', async (t) => {
  const { app, lines } = throwing(t, new errors.InvalidTimestamp('"at" takes a Date, got the string "hunter2": use new Date("hunter2")'))
  t.match((await app.inject('/')).body, 'hunter2')
  t.match(lines.find(({ code }) => code === 'FAI_INVALID_TIMESTAMP')?.msg, '"at" takes a Date, got the string "[redacted]"')
  t.notMatch(JSON.stringify(lines), 'hunter2')
})

t.test('a 500 of the package tells the log what is wrong and the client nothing', async (t) => {
  const { app, lines } = throwing(t, new errors.UnownedTable('"audit" has no owner column'))
  const response = await app.inject('/')
  t.equal(response.statusCode, 500)
  t.equal(response.body, '{"detail":"Internal Server Error"}')
  t.match(lines.find((line) => line.err), { level: 50, msg: '"audit" has no owner column', err: { stack: /audit/ } })
})

const appErrors: Array<[string, unknown, number, string]> = [
  ['its own statusCode and message', withStatus('No such planet', { statusCode: 404 }), 404, 'No such planet'],
  ['its own status and message', withStatus('Brew tea', { status: 418 }), 418, 'Brew tea'],
  ['a 4xx without a message: the standard words', withStatus('', { statusCode: 409 }), 409, 'Conflict'],
  ['a 4xx with expose: false: the standard words', withStatus('row 7 of secrets', { statusCode: 403, expose: false }), 403, 'Forbidden'],
  ['a 5xx: its status, the standard words', withStatus('upstream db-7.internal said no', { statusCode: 502 }), 502, 'Bad Gateway'],
  ['a 5xx with expose: true: its message', withStatus('Back at ten', { statusCode: 503, expose: true }), 503, 'Back at ten'],
  ['a status without words', withStatus('odd', { statusCode: 599 }), 599, 'Internal Server Error'],
  ['a status that is none', withStatus('odd', { statusCode: 200 }), 500, 'Internal Server Error'],
  ['a status that is no number', withStatus('odd', { statusCode: '404' }), 500, 'Internal Server Error'],
  ['a plain object with statusCode and message', { statusCode: 404, message: 'Gone fishing' }, 404, 'Gone fishing'],
  ['a 4xx whose message is no text: the standard words', withStatus('x', { statusCode: 400, message: { secret: 1 } }), 400, 'Bad Request'],
  ['any other error', new Error('select secret from table'), 500, 'Internal Server Error'],
  ['a string', 'a string', 500, 'Internal Server Error'],
  ['null', null, 500, 'Internal Server Error'],
  ['undefined', undefined, 500, 'Internal Server Error'],
  ['a number', 404, 500, 'Internal Server Error'],
  ['a symbol', Symbol('odd'), 500, 'Internal Server Error'],
  ['an object without a prototype', Object.create(null), 500, 'Internal Server Error']
]

for (const [what, thrown, status, detail] of appErrors) {
  t.test(`thrown by the app: ${what}`, async (t) => {
    const { app, lines } = throwing(t, thrown)
    const response = await app.inject('/')
    t.equal(response.statusCode, status)
    t.strictSame(response.json(), { detail })
    if (status >= 500) t.ok(lines.some((line) => line.level === 50 && line.msg), 'the log says so')
    t.equal((await app.inject('/')).statusCode, status, 'the server goes on')
  })
}

t.test('a status set before the throw is kept when the error has none', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  app.get('/', async (_request, reply) => {
    reply.code(422)
    throw new Error('A title has words')
  })
  const response = await app.inject('/')
  t.equal(response.statusCode, 422)
  t.equal(response.body, '{"detail":"A title has words"}')
})

t.test('headers of an app error reach the response', async (t) => {
  const { app } = throwing(t, withStatus('Slow down', { statusCode: 429, headers: { 'retry-after': '7' } }))
  const response = await app.inject('/')
  t.equal(response.headers['retry-after'], '7')
  t.equal(response.body, '{"detail":"Slow down"}')
})

t.test('validation is 400 with its message, and the route\'s response schema does not eat it', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  app.post('/', {
    schema: {
      body: { type: 'object', required: ['title'], properties: { title: { type: 'string' } } },
      response: { '4xx': { type: 'object', properties: { other: { type: 'string' } } } }
    }
  }, async () => 'ok')
  const response = await app.inject({ method: 'POST', url: '/', payload: {} })
  t.equal(response.statusCode, 400)
  t.equal(response.body, '{"detail":"body must have required property \'title\'"}')
  const malformed = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, payload: '{' })
  t.equal(malformed.statusCode, 400)
  t.match(malformed.json(), { detail: /JSON/ })
  const form = await app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'text/html' }, payload: '{' })
  t.equal(form.statusCode, 415)
})

t.test('an encapsulated error handler serves its scope, and what it throws comes to ours', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  await app.register(async (child) => {
    child.setErrorHandler(async (error: Error, _request, reply) => {
      if (error.message === 'unknown') throw error
      return reply.code(409).send({ child: error.message })
    })
    child.get('/child', async () => { throw new Error('mine') })
    child.get('/passed', async () => { throw new Error('unknown') })
  })
  const own = await app.inject('/child')
  t.equal(own.statusCode, 409)
  t.strictSame(own.json(), { child: 'mine' })
  const passed = await app.inject('/passed')
  t.equal(passed.statusCode, 500)
  t.strictSame(passed.json(), { detail: 'Internal Server Error' })
})

t.test('a hook that throws, and one that throws after the handler, are answered', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  app.get('/before', { preHandler: async () => { throw new errors.Forbidden() } }, async () => 'ok')
  app.get('/after', { preSerialization: async () => { throw new Error('late') } }, async () => ({ ok: true }))
  t.strictSame((await app.inject('/before')).json(), { detail: 'Forbidden' })
  t.strictSame((await app.inject('/after')).json(), { detail: 'Internal Server Error' })
})

t.test('a handler\'s own content type does not survive into the error', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  app.get('/', async (_request, reply) => {
    reply.type('text/csv')
    throw new Error('no rows')
  })
  t.equal((await app.inject('/')).headers['content-type'], 'application/json; charset=utf-8')
})

const trap = { get () { throw new Error('inner secret') }, enumerable: true }
const unreadable: Array<[string, () => unknown]> = [
  ...['statusCode', 'message', 'headers', 'code', 'stack', 'extra'].map((name): [string, () => unknown] =>
    [`an error whose ${name} throws`, () => Object.defineProperty(new Error('secret'), name, trap)]),
  ['an error of which nothing can be read', () => new Proxy(new Error('secret'), trap)],
  ['a message that is no text and cannot become one', () => ({ statusCode: 400, message: Object.assign(() => {}, { toString: trap.get }) })]
]
for (const [what, make] of unreadable) {
  t.test(`thrown by the app: ${what} is 500, is logged, and tells nothing`, async (t) => {
    const { app, lines } = throwing(t, make())
    const response = await app.inject('/')
    t.match({ status: response.statusCode, body: response.body }, { status: 500, body: '{"detail":"Internal Server Error"}' })
    t.ok(lines.some(({ level }) => level === 50))
  })
}

t.test('headers of an error that cannot be sent, or that describe another body, are left out', async (t) => {
  const headers = { 'x-broken': 'a\r\nb', 'b ad': 'x', 'x-object': {}, 'content-length': '3', 'Content-Encoding': 'gzip', 'x-fine': ['a', 'b'], 'x-number': 5 }
  const { app } = throwing(t, withStatus('secret', { headers }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  const response = await fetch(app.listeningOrigin)
  t.match({ status: response.status, body: await response.text() }, { status: 500, body: '{"detail":"Internal Server Error"}' })
  t.same([...response.headers.keys()].filter((name) => name.startsWith('x-') || name === 'content-encoding'), ['x-fine', 'x-number'])
  t.equal((await fetch(app.listeningOrigin)).status, 500)
})

for (const throws of [true, false]) {
  t.test(`a header that a handler set and Node refuses is our 500, ${throws ? 'also when it throws' : 'and the header is gone'}`, async (t) => {
    const { app } = build(t)
    registerErrorHandler(app)
    app.get('/', async (_request, reply) => {
      reply.header('x-broken', 'a\r\nb').header('x-fine', 'yes')
      if (throws) throw new Error('secret')
      return 'in'
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const response = await fetch(app.listeningOrigin)
    t.match({ status: response.status, body: await response.text(), fine: response.headers.get('x-fine') }, { status: 500, body: '{"detail":"Internal Server Error"}', fine: 'yes' })
  })
}

t.test('@fastify/sensible beside it: its errors keep their status, its 5xx keep their text to themselves', async (t) => {
  const { app } = build(t)
  await app.register(sensible)
  registerErrorHandler(app)
  app.get('/gone', async () => { throw app.httpErrors.gone('Moved out') })
  app.get('/gateway', async () => { throw app.httpErrors.badGateway('redis://10.0.0.7 refused') })
  app.get('/reply', (_request, reply) => { reply.forbidden('Not yours') })
  app.get('/assert', async () => { throw app.httpErrors.badRequest('Say please') })
  t.match(await app.inject('/gone'), { statusCode: 410, body: '{"detail":"Moved out"}' })
  t.match(await app.inject('/gateway'), { statusCode: 502, body: '{"detail":"Bad Gateway"}' })
  t.match(await app.inject('/reply'), { statusCode: 403, body: '{"detail":"Not yours"}' })
  t.match(await app.inject('/assert'), { statusCode: 400, body: '{"detail":"Say please"}' })
})

t.test('an error after the body began breaks the connection, is logged, and the server goes on', async (t) => {
  const { app, lines } = build(t)
  registerErrorHandler(app)
  app.get('/raw', async (_request, reply) => {
    reply.raw.writeHead(200, { 'content-type': 'text/plain' })
    reply.raw.write('half')
    throw new Error('half way')
  })
  app.get('/stream', async () => {
    const stream = new PassThrough()
    stream.write('half')
    setImmediate(() => stream.destroy(new Error('stream broke')))
    return stream
  })
  app.get('/ok', async () => 'ok')
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  for (const path of ['/raw', '/stream']) {
    const socket = connect(port, '127.0.0.1')
    socket.end(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => {})
    await once(socket, 'close')
    const text = Buffer.concat(chunks).toString()
    t.notMatch(text, '0\r\n\r\n', `${path} does not end as if it were whole`)
    t.notMatch(text, 'way')
  }
  t.ok(lines.some((line) => line.err?.message === 'half way'))
  t.ok(lines.some((line) => line.err?.message === 'stream broke'))
  t.equal((await app.inject('/ok')).body, 'ok')
})

t.test('an error after reply.send is logged by Fastify, and the response stands', async (t) => {
  const { app } = build(t)
  registerErrorHandler(app)
  app.get('/', async (_request, reply) => {
    reply.send({ fine: true })
    throw new Error('too late')
  })
  t.strictSame((await app.inject('/')).json(), { fine: true })
})
