import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import { directly, freePort, startExample } from '../fixtures/example-process.js'
import { startPostgres } from '../fixtures/postgres.js'

const { url: DATABASE_URL } = await startPostgres(t)
const secret = { BETTER_AUTH_SECRET: 'a-secret-of-the-settings-tests-0123456789' }

const badSettings: Array<[string, Record<string, string>, RegExp]> = [
  ['a short secret', { BETTER_AUTH_SECRET: 'too-short' }, /at least 32/],
  ['the published secret', { BETTER_AUTH_SECRET: 'better-auth-secret-12345678901234567890' }, /publish/],
  ['an origin with a path', { ...secret, FRONTEND_URL: 'https://web.example.app/app' }, /https:\/\/web\.example\.app\/app/],
  ['an origin that is none', { ...secret, FRONTEND_URL: 'https://web.example.app,nonsense' }, /nonsense/],
  ['a base URL that is none', { ...secret, BETTER_AUTH_URL: 'nonsense' }, /BETTER_AUTH_URL is "nonsense"/],
  ['a port that is none', { ...secret, PORT: 'many' }, /PORT is "many"/],
  ['a second port that is none', { ...secret, CHAT_PORT: 'many' }, /CHAT_PORT is "many"/],
  ['one port for both front ends', { ...secret, PORT: '45454', CHAT_PORT: '45454' }, /CHAT_PORT is PORT, 45454/],
  ['a host that is none of this machine', { ...secret, HOST: '192.0.2.1' }, /HOST is "192\.0\.2\.1"/],
  ['a database URL that is none', { ...secret, DATABASE_URL: 'mysql://a' }, /DATABASE_URL must look like/]
]
for (const [name, settings, sentence] of badSettings) {
  t.test(`${name}: one sentence, and exit code 1`, async (t) => {
    const example = startExample(t, { DATABASE_URL, PORT: String(await freePort()), ...settings }, directly)
    t.equal(await example.exited, 1)
    const lines = example.output().trim().split('\n').filter((line) => !line.startsWith('{'))
    t.equal(lines.length, 1, 'one line')
    t.match(lines[0], /^Could not start: /)
    t.match(lines[0], sentence)
  })
}

t.test('a taken port: one sentence that names it, and exit code 1', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const example = startExample(t, { DATABASE_URL, PORT: String(port), ...secret }, directly)
  t.equal(await example.exited, 1)
  t.match(example.output(), `Could not start: Port ${port} on 127.0.0.1 is taken`)
})

t.test('the second port: a chosen one that is taken is told, the one beside PORT is made way for', async (t) => {
  const PORT = await freePort()
  const taken = createServer().listen(PORT + 1, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const chosen = startExample(t, { DATABASE_URL, PORT: String(PORT), CHAT_PORT: String(PORT + 1), ...secret }, directly)
  t.equal(await chosen.exited, 1)
  t.match(chosen.output(), new RegExp(`Could not start: Port ${PORT + 1} on 127\\.0\\.0\\.1 is taken: .* CHAT_PORT=${PORT + 2}`))
  const beside = startExample(t, { DATABASE_URL, PORT: String(PORT), ...secret }, directly)
  await beside.ready
  const page = /second front end on another origin: (\S+)/.exec(beside.output())![1]!
  t.not(page, `http://127.0.0.1:${PORT + 1}`)
  t.equal((await fetch(page)).status, 200)
})

t.test('a database that cannot be reached: one sentence without its password, and exit code 1', async (t) => {
  const port = await freePort()
  const example = startExample(t, { DATABASE_URL: `postgres://me:my-password@127.0.0.1:${port}/tasks`, PORT: String(await freePort()), ...secret }, directly)
  t.equal(await example.exited, 1)
  t.match(example.output(), `Could not start: The database tasks at 127.0.0.1:${port} cannot be reached`)
  t.notMatch(example.output(), /my-password/)
})
