import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const watch = fileURLToPath(new URL('../fixtures/no-leaks.js', import.meta.url))
const lib = new URL('../../lib/', import.meta.url).href

/** Runs a program as a test file would run, with the watch loaded; the exit code says what it found. */
async function watched (program: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--import', watch, '--input-type=module', '--eval', `
    import fastify from 'fastify'
    import { registerErrorHandler } from '${lib}responses/error-handler.js'
    import { loggerOptions } from '${lib}logging/logger-options.js'
    const silent = { write () {} }
    ${program}`], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { ...process.env, TEST_LEAKS: undefined },
    stdio: ['ignore', 'ignore', 'pipe']
  })
  const errors = text(child.stderr)
  const [code] = await once(child, 'close')
  return { code, errors: await errors }
}

const responding = (detail: string) => `
  const app = fastify()
  registerErrorHandler(app)
  app.get('/', async () => { throw Object.assign(new Error(${JSON.stringify(detail)}), { statusCode: 400 }) })
  await app.inject({ url: '/', headers: { authorization: 'Bearer hunter2hunter2' } })`

const leaks: Array<[string, string]> = [
  ['SQL', 'select * from tasks where id = 1'],
  ['a parameter', 'wanted $1'],
  ['a stack', 'Error: x\n    at run (app.js:1:2)'],
  ['an address', 'connect to 10.0.0.7:5432'],
  ['a token', 'bad eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.x'],
  ["a caller's secret", 'bad hunter2hunter2']
]
for (const [what, detail] of leaks) {
  t.test(`the suite's watch fails a test file whose responses carry ${what}`, async (t) => {
    const { code, errors } = await watched(responding(detail))
    t.equal(code, 1)
    t.match(errors, `a response carries ${what}`)
  })
}

t.test('the suite\'s watch fails a test file whose log holds a caller\'s token', async (t) => {
  const { code, errors } = await watched(`
    const app = fastify({ logger: loggerOptions({ redact: false, stream: silent }) })
    app.get('/', async (request) => { request.log.info(request.headers); return 'ok' })
    await app.inject({ url: '/', headers: { cookie: 'a=hunter2hunter2' } })`)
  t.equal(code, 1)
  t.match(errors, "a log line holds a caller's secret")
})

t.test('the suite\'s watch passes what is fit for a client', async (t) => {
  t.strictSame(await watched(responding('Select a title')), { code: 0, errors: '' })
  t.strictSame(await watched(`
    const app = fastify({ logger: loggerOptions({ stream: silent }) })
    app.get('/', async (request) => { request.log.info(request.headers, 'x ' + request.headers.authorization); return 'ok' })
    await app.inject({ url: '/?token=hunter2hunter2', headers: { cookie: 'a=hunter2hunter2', authorization: 'Bearer hunter2hunter2hunter2' } })`), { code: 0, errors: '' })
})
