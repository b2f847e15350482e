import { DrizzleQueryError } from 'drizzle-orm/errors'
import fastify from 'fastify'
import { once, EventEmitter } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import pino from 'pino'
import t, { type Test } from 'tap'
import { loggerOptions, type LoggerOptions } from '../../lib/logging/logger-options.js'

function logging (t: Test, options: LoggerOptions = {}) {
  const lines: string[] = []
  const app = fastify({ logger: loggerOptions({ stream: { write: (line) => { lines.push(line) } }, ...options }) })
  t.teardown(() => app.close())
  app.get('/*', async (request) => {
    request.log.info({ headers: request.headers }, 'seen')
    return 'ok'
  })
  return { app, lines, parsed: () => lines.map((line) => JSON.parse(line)) }
}

t.test('every line is one line of ASCII JSON that says what was said', async (t) => {
  const { app, lines, parsed } = logging(t)
  app.log.info({ who: 'Zoë' }, 'Fertig 🎉\r\n{"level":60,"msg":"forged"}\u001b[31m')
  t.match(lines[0], /^[\x20-\x7e]+\n$/)
  t.match(parsed()[0], { who: 'Zoë', msg: 'Fertig 🎉\r\n{"level":60,"msg":"forged"}\u001b[31m' })
})

t.test('nonAscii: strip and keep', async (t) => {
  const stripped = logging(t, { nonAscii: 'strip' })
  stripped.app.log.info('Fertig 🎉!')
  t.equal(stripped.parsed()[0].msg, 'Fertig !')
  const kept = logging(t, { nonAscii: 'keep' })
  kept.app.log.info('Fertig 🎉')
  t.match(kept.lines[0], '"msg":"Fertig 🎉"')
})

t.test('bytes of a URL and of headers are logged as the text they are, secrets are not', async (t) => {
  const { app, lines, parsed } = logging(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.end('GET /h\u00e4/\u{1f389}?token=hunter2 HTTP/1.1\r\nHost: caf\u00e9\r\nX-Name: Zo\u00eb\r\nX-Bytes: '.replace('\u{1f389}', '%F0%9F%8E%89'))
  socket.destroy()
  const raw = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  raw.write(Buffer.concat([
    Buffer.from('GET /x?token=hunter2 HTTP/1.1\r\nHost: x\r\nX-Name: Zoë 🎉\r\nX-Bytes: '),
    Buffer.from([0xff, 0xe9]),
    Buffer.from('\r\nCookie: session=hunter2\r\nAuthorization: Bearer hunter2hunter2hunter2\r\nConnection: close\r\n\r\n')
  ]))
  raw.resume()
  await once(raw, 'close')
  const seen = parsed().find((line) => line.msg === 'seen')
  t.match(seen.headers, { 'x-name': 'Zoë 🎉', 'x-bytes': 'ÿé', cookie: '[redacted]', authorization: '[redacted]' })
  t.ok(parsed().some((line) => line.req?.url === '/x?token=[redacted]'))
  t.notMatch(lines.join(''), 'hunter2')
})

t.test('pino\'s own redact paths come on top, redact: false switches the built-in one off', async (t) => {
  const both = logging(t, { redact: ['user.email'] })
  both.app.log.info({ user: { email: 'a@b.c' }, cookie: 'x' }, 'one')
  t.match(both.parsed()[0], { user: { email: '[Redacted]' }, cookie: '[redacted]' })
  const none = logging(t, { redact: false })
  none.app.log.info({ cookie: 'x' }, 'one')
  t.equal(none.parsed()[0].cookie, 'x')
})

t.test('the app\'s level, base, serializers, mixin and hooks stay', async (t) => {
  const { app, parsed } = logging(t, {
    level: 'debug',
    base: { service: 'täsks' },
    mixin: () => ({ mixed: true }),
    serializers: { req: (request) => ({ only: request.method }) },
    hooks: { streamWrite: (line) => line.replace('one', 'two 🎉') }
  })
  app.log.debug('one')
  t.match(parsed()[0], { level: 20, service: 'täsks', mixed: true, msg: 'two 🎉' })
  await app.inject('/')
  t.ok(parsed().some((line) => line.req?.only === 'GET'))
})

t.test('an option that does not exist, and what is no object of options, are refused', async (t) => {
  for (const options of [null, 5, 'x', [], true, () => ({})]) t.throws(() => loggerOptions(options as never), { name: 'TypeError', message: /^The options of loggerOptions\(\) are an object/ })
  for (const name of ['nonAsci', 'foo', 'toString', 'levels']) t.throws(() => loggerOptions({ [name]: 'keep' } as never), { name: 'TypeError', message: new RegExp(`^"${name}" is not an option of loggerOptions\\(\\)`) })
  t.doesNotThrow(() => loggerOptions({ level: 'debug', customLevels: { loud: 70 }, stream: { write: () => {} } }))
})

t.test('an app stream that throws, and one that emits an error, do not take the server down', async (t) => {
  const stream = Object.assign(new EventEmitter(), { write: (): void => { throw new Error('ENOSPC') } })
  const app = fastify({ logger: loggerOptions({ stream }) })
  t.teardown(() => app.close())
  app.get('/', async () => 'ok')
  stream.emit('error', new Error('EPIPE'))
  t.equal((await app.inject('/')).body, 'ok')
})

t.test('pretty beside an output of the app\'s own is refused', (t) => {
  t.throws(() => loggerOptions({ pretty: true, stream: { write: () => {} } }), /"pretty" option writes to standard output/)
  t.end()
})

t.test('without a stream of the app\'s own, lines go to standard output; with a file or transport, there', (t) => {
  t.type(loggerOptions().stream?.write, 'function')
  t.type(loggerOptions({ file: join(t.testdir(), 'x.log') }).stream?.write, 'function')
  t.equal(loggerOptions({ transport: { target: 'x' } }).stream, undefined)
  t.type(loggerOptions({ pretty: { colorize: false } }).stream?.write, 'function')
  t.end()
})

t.test('"file" and "stream" together are refused, as Fastify does', async (t) => {
  t.throws(() => loggerOptions({ file: 'x.log', stream: { write: () => {} } }), { name: 'TypeError', message: /^"file" and "stream"/ })
})

t.test('a file is appended to, in the form of every other output', async (t) => {
  const file = join(t.testdir(), 'x.log')
  for (const text of ['one', 'zwölf']) {
    const app = fastify({ logger: loggerOptions({ file }) })
    app.log.info({ cookie: 'hunter2' }, text)
    await app.close()
  }
  const lines = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
  t.match(lines, [{ msg: 'one', cookie: '[redacted]' }, { msg: 'zwölf' }])
})

t.test('a multistream hands each line to the streams of its level', async (t) => {
  const lines: Record<string, string[]> = { all: [], errors: [] }
  const stream = pino.multistream([
    { level: 'info', stream: { write: (line: string) => { lines.all!.push(line) } } },
    { level: 'error', stream: { write: (line: string) => { lines.errors!.push(line) } } },
    { level: 'info', stream: { write: () => { throw new Error('ENOSPC') } } }
  ])
  const app = fastify({ logger: loggerOptions({ stream }) })
  t.teardown(() => app.close())
  app.log.info({ token: 'hunter2' }, 'one')
  app.log.error('two')
  t.match(lines.all!.map((line) => JSON.parse(line)), [{ msg: 'one', token: '[redacted]' }, { msg: 'two' }])
  t.match(lines.errors!.map((line) => JSON.parse(line)), [{ msg: 'two' }])
})

t.test('pino\'s own destination in the background keeps flush and the last words of fatal', async (t) => {
  const file = join(t.testdir(), 'x.log')
  const destination = pino.destination({ dest: file, sync: false, minLength: 4096 })
  t.teardown(() => destination.destroy())
  const logger = pino({ ...loggerOptions({ stream: destination }) } as pino.LoggerOptions, loggerOptions({ stream: destination }).stream)
  await once(destination, 'ready')
  logger.info('one')
  await new Promise<void>((resolve, reject) => { logger.flush((error) => { if (error) reject(error); else resolve() }) })
  t.match(readFileSync(file, 'utf8'), '"one"')
  logger.fatal('the end')
  t.match(readFileSync(file, 'utf8'), '"the end"')
})

t.test('flush of our own output calls back', async (t) => {
  const { stream } = loggerOptions({ file: join(t.testdir(), 'x.log') })
  const logger = pino({}, stream)
  logger.info('one')
  await new Promise<void>((resolve) => { logger.flush(() => { resolve() }) })
  t.pass()
})

const values = new DrizzleQueryError('insert into users values ($1, $2)', ['hunter2', 1], Object.assign(new Error('duplicate key'), {
  code: '23505', severity: 'ERROR', detail: 'Key (email)=(hunter2) already exists.', table: 'users'
}))

t.test('an error has its statement, its causes and the number of values, under whatever name and with whatever serializer', async (t) => {
  for (const redact of [undefined, false] as const) {
    const { app, lines, parsed } = logging(t, { redact })
    app.log.error({ err: values }, 'one')
    app.log.error({ problem: values }, 'two')
    app.log.error({ details: [{ deep: [values] }, 7] }, 'three')
    t.match(parsed()[0].err, {
      type: 'DrizzleQueryError',
      message: 'Failed query: insert into users values ($1, $2) (2 values): duplicate key',
      stack: /at .*\ncaused by: Error: duplicate key/,
      query: 'insert into users values ($1, $2)',
      params: '2 values'
    })
    t.notMatch(lines.join(''), 'hunter2')
  }
  const { app, lines } = logging(t, { errorKey: 'error', serializers: { err: (error) => ({ type: 'x', message: error.message, stack: '', all: { ...error, cause: { ...error.cause as object } } }) } })
  app.log.error(values)
  app.log.error({ err: values }, 'two')
  app.log.error(`failed: ${values}`)
  app.log.error({ text: values.stack }, String(values.cause))
  t.equal(lines.length, 4)
  t.notMatch(lines.join(''), 'hunter2')
})
