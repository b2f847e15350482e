import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { directly, freePort, startExample } from '../fixtures/example-process.js'
import { enter, send } from '../fixtures/person.js'
import { startOwnPostgres, startPostgres } from '../fixtures/postgres.js'

// One server for the file, a database for each test.
const { createDatabase } = await startPostgres(t)
const secret = { BETTER_AUTH_SECRET: 'a-secret-of-the-process-tests-0123456789' }

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} ends it cleanly, the request in flight answered`, async (t) => {
    const DATABASE_URL = await createDatabase()
    const PORT = String(await freePort())
    const example = startExample(t, { DATABASE_URL, PORT, ...secret }, directly)
    await example.ready
    t.match(example.output(), `Tasks is ready: open http://127.0.0.1:${PORT}`)
    const account = { name: 'Alice', email: 'alice@example.com', password: 'correct horse battery' }
    const inFlight = send(`http://127.0.0.1:${PORT}/api/auth/sign-up/email`, 'POST', { origin: `http://127.0.0.1:${PORT}`, connection: 'close' }, account)
    // It has come in once it is logged; hashing the password takes its time after that.
    await example.wrote(/incoming request/)
    example.signal(signal)
    t.equal((await inFlight).status, 200)
    t.equal(await example.exited, 0)
    t.match(example.output(), /Tasks has closed\.\n$/)
    await t.rejects(send(`http://127.0.0.1:${PORT}/health`))
  })
}

t.test('a SIGTERM to npm alone reaches it too', async (t) => {
  const DATABASE_URL = await createDatabase()
  const example = startExample(t, { DATABASE_URL, PORT: String(await freePort()), ...secret })
  await example.ready
  example.signal('SIGTERM')
  await example.exited
  t.match(example.output(), /Tasks has closed\.\n$/)
})

t.test('every line of its log is JSON in ASCII', async (t) => {
  const DATABASE_URL = await createDatabase()
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL, PORT, ...secret })
  await example.ready
  await send(`http://127.0.0.1:${PORT}/health?q=%C3%A9`, 'GET', { authorization: 'Bearer not.to.be.logged' })
  example.signal('SIGTERM')
  await example.exited
  const lines = example.output().split('\n').filter((line) => line !== '' && !line.startsWith('Tasks '))
  t.ok(lines.length > 2)
  for (const line of lines) {
    t.match(line, /^[\x20-\x7e]+$/)
    t.doesNotThrow(() => JSON.parse(line))
    t.notMatch(line, /not\.to\.be\.logged/)
  }
})

t.test('a database that goes away is 503 and not the end, and comes back', async (t) => {
  const { url: DATABASE_URL, server } = await startOwnPostgres(t)
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL, PORT, ...secret })
  await example.ready
  const ready = () => send(`http://127.0.0.1:${PORT}/ready`)
  t.match(await ready(), { status: 200 })
  await server.stop()
  const gone = { status: 503, body: { detail: 'Service Unavailable' } }
  t.match(await ready(), gone)
  const origin = `http://127.0.0.1:${PORT}`
  t.match(await send(`${origin}/api/auth/sign-in/email`, 'POST', { origin }, { email: 'a@example.com', password: 'correct horse' }), gone)
  await server.start()
  t.match(await ready(), { status: 200 })
})

t.test('without DATABASE_URL and a secret it keeps both itself, also after it was killed', async (t) => {
  const DATA_FOLDER = mkdtempSync(join(tmpdir(), 'fai-example-'))
  // As root the server is another user's, who has to get in.
  chmodSync(DATA_FOLDER, 0o755)
  t.teardown(() => rmSync(DATA_FOLDER, { recursive: true, force: true }))
  const PORT = String(await freePort())
  const origin = `http://127.0.0.1:${PORT}`
  const pidFile = join(DATA_FOLDER, 'postgres', 'data', 'postmaster.pid')

  const first = startExample(t, { DATA_FOLDER, PORT }, directly)
  await first.ready
  const alice = await enter(origin, 'Alice')
  const { body: task } = await alice.call('POST', `/api/user/${alice.userId}/tasks`, { title: 'Keep me' })
  first.signal('SIGKILL')
  await first.exited
  t.equal(existsSync(pidFile), true, 'its PostgreSQL has outlived it')

  const second = startExample(t, { DATA_FOLDER, PORT }, directly)
  await second.ready
  t.same((await alice.call('GET', `/api/user/${alice.userId}/tasks`)).body, [task], 'same rows, same secret')
  second.signal('SIGTERM')
  t.equal(await second.exited, 0)
  t.equal(existsSync(pidFile), false, 'PostgreSQL has ended with it')

  const third = startExample(t, { DATA_FOLDER, PORT }, directly)
  await third.ready
  t.same((await alice.call('GET', `/api/user/${alice.userId}/tasks`)).body, [task])
  third.signal('SIGTERM')
  t.equal(await third.exited, 0)
})
