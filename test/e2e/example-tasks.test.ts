import t from 'tap'
import { freePort, startExample } from '../fixtures/example-process.js'
import { enter, send } from '../fixtures/person.js'
import { startPostgres } from '../fixtures/postgres.js'

// One server for the file, a database for each test.
const { createDatabase } = await startPostgres(t)
const nobody = '00000000-0000-4000-8000-000000000000'

// The example as `npm start` runs it, on a database of this test's own.
async function running (t: Parameters<typeof startExample>[0], settings: Record<string, string> = {}) {
  const DATABASE_URL = await createDatabase()
  const PORT = String(await freePort())
  const example = startExample(t, { DATABASE_URL, PORT, BETTER_AUTH_SECRET: 'a-secret-of-the-tasks-tests-0123456789-ab', ...settings })
  await example.ready
  return { example, port: PORT, origin: `http://127.0.0.1:${PORT}` }
}

t.test('the five steps: sign up, sign in, token, call, own rows', async (t) => {
  const { origin } = await running(t)
  const account = { name: 'Alice', email: 'alice@example.com', password: 'correct horse battery' }

  const signedUp = await send(`${origin}/api/auth/sign-up/email`, 'POST', { origin }, account)
  t.match(signedUp, { status: 200, body: { user: { email: account.email } } })

  const signedIn = await send(`${origin}/api/auth/sign-in/email`, 'POST', { origin }, account)
  t.equal(signedIn.status, 200)
  const userId: string = signedIn.body.user.id
  const cookie = signedIn.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ')

  const { status, body: { token } } = await send(`${origin}/api/auth/token`, 'GET', { cookie })
  t.equal(status, 200)
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  t.same(Object.keys(claims).sort(), ['exp', 'iat', 'sub', 'user_id'])
  t.equal(claims.user_id, userId)
  t.equal(claims.exp - claims.iat, 15 * 60)

  const headers = { authorization: `Bearer ${token}` }
  const path = `${origin}/api/user/${userId}/tasks`
  t.match(await send(path, 'GET', headers), { status: 200, body: [] })
  const { body: task, ...created } = await send(path, 'POST', headers, { title: 'Water the plants' })
  t.equal(created.status, 201)
  t.same(Object.keys(task).sort(), ['createdAt', 'done', 'id', 'title', 'updatedAt', 'userId'])
  t.match(task, { userId, title: 'Water the plants', done: false })
  t.equal(new Date(task.createdAt).toISOString(), task.createdAt)
  t.equal(new Date(task.updatedAt).toISOString(), task.updatedAt)

  t.same((await send(path, 'GET', headers)).body, [task])
  t.match(await send(path), { status: 401, body: { detail: 'Missing token' } })
  t.match(await send(path, 'GET', { cookie }), { status: 401, body: { detail: 'Missing token' } }, 'a session cookie is no token')
})

t.test('two people\'s tasks are apart on every route', async (t) => {
  const { origin } = await running(t)
  const [alice, bob] = [await enter(origin, 'Alice'), await enter(origin, 'Bob')]
  const own = `/api/user/${alice.userId}/tasks`
  const bobs = `/api/user/${bob.userId}/tasks`
  const { body: first } = await alice.call('POST', own, { title: 'First' })
  const { body: second } = await alice.call('POST', own, { title: 'Second', done: true })
  const { body: foreign } = await bob.call('POST', bobs, { title: 'Bob\'s' })

  t.same((await alice.call('GET', own)).body, [second, first], 'newest first')
  t.same((await bob.call('GET', bobs)).body, [foreign])

  for (const path of [bobs, `${bobs}/${foreign.id}`]) {
    for (const method of path === bobs ? ['GET', 'POST'] : ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'POST' || method === 'PATCH' ? { title: 'Stolen' } : undefined
      t.match(await alice.call(method, path, body), { status: 403, body: { detail: 'Forbidden' } }, `${method} below another's name`)
    }
  }
  for (const id of [foreign.id, nobody]) {
    t.match(await alice.call('GET', `${own}/${id}`), { status: 404, body: { detail: 'Not Found' } })
    t.match(await alice.call('PATCH', `${own}/${id}`, { title: 'Stolen' }), { status: 404, body: { detail: 'Not Found' } })
    t.match(await alice.call('DELETE', `${own}/${id}`), { status: 404, body: { detail: 'Not Found' } })
  }
  t.same((await bob.call('GET', bobs)).body, [foreign], 'and nothing of it has changed')

  t.same((await alice.call('GET', `${own}/${first.id}`)).body, first)
  const { body: changed } = await alice.call('PATCH', `${own}/${first.id}`, { done: true })
  t.match(changed, { ...first, done: true, updatedAt: String })
  t.ok(changed.updatedAt >= first.updatedAt)
  t.match(await alice.call('DELETE', `${own}/${first.id}`), { status: 204, body: '' })
  t.same((await alice.call('GET', own)).body, [second])
})

t.test('what is no task is refused with a sentence, and writes nothing', async (t) => {
  const { origin } = await running(t)
  const alice = await enter(origin, 'Alice')
  const own = `/api/user/${alice.userId}/tasks`
  const { body: task } = await alice.call('POST', own, { title: 'A task' })
  const bodies: unknown[] = [
    {}, { title: '' }, { title: '   ' }, { title: 42 }, { title: 'x'.repeat(201) }, { title: 'x', done: 'yes' }, [], 'not JSON',
    { title: 'x', userId: 'somebody-else' }, { title: 'x', user_id: 'somebody-else' }, { title: 'x', id: nobody }, { title: 'NUL \0' }
  ]
  for (const body of bodies) {
    for (const [method, path] of [['POST', own], ['PATCH', `${own}/${task.id}`]] as const) {
      const answer = await alice.call(method, path, body)
      t.equal(answer.status, 400, `${method} ${JSON.stringify(body).slice(0, 40)}`)
      t.type(answer.body.detail, 'string')
    }
  }
  t.match(await alice.call('GET', `${own}/no-uuid`), { status: 400 })
  t.same((await alice.call('GET', own)).body, [task])
})

t.test('no sign-up, sign-in or link from the network makes a 5xx', async (t) => {
  const { example, origin } = await running(t)
  const alice = await enter(origin, 'Alice')
  const account = { name: 'N', email: 'n@example.com', password: 'correct horse battery' }
  const post = async (path: string, body: unknown) => (await send(`${origin}/api/auth${path}`, 'POST', { origin }, body)).status
  for (const bad of [{ ...account, name: 'NUL \0' }, { ...account, email: 'a\0@example.com' }, { ...account, name: { a: 1 } }, {}, [], null, '{', '"']) {
    t.ok(await post('/sign-up/email', bad) < 500, `sign-up ${JSON.stringify(bad)}`)
    t.ok(await post('/sign-in/email', bad) < 500, `sign-in ${JSON.stringify(bad)}`)
  }
  t.equal(await post('/sign-up/email', { ...account, email: 'alice@example.com' }), 422, 'an e-mail twice')
  for (const path of ['/verify-email', '/verify-email?token=x', `/verify-email?token=${alice.token}`, '/%00', '/token?a=%00', '/../../me', '/get-session?disableCookieCache=%00']) {
    t.ok((await send(`${origin}/api/auth${path}`)).status < 500, path)
  }
  t.equal((await alice.call('GET', `/api/user/${alice.userId}/tasks`)).status, 200)
  t.notMatch(example.output(), /SERVER_ERROR/)
})

t.test('health, readiness and the page are open, and the server answers to both its names', async (t) => {
  const { origin, port } = await running(t)
  t.match(await send(`${origin}/health`), { status: 200, body: { status: 'ok' } })
  t.match(await send(`${origin}/ready`), { status: 200, body: { status: 'ready' } })
  for (const path of ['/', '/page.js', '/api.js', '/style.css', '/icon.svg']) {
    const { status, headers } = await send(origin + path)
    t.equal(status, 200, path)
    t.match(headers.get('content-security-policy'), /default-src 'self'/)
  }
  t.equal((await send(`${origin}/index.html`)).status, 404)
  const carol = await enter(`http://localhost:${port}`, 'Carol')
  t.equal((await carol.call('GET', `/api/user/${carol.userId}/tasks`)).status, 200)
})

t.test('another front end is let in by FRONTEND_URL, and others are not', async (t) => {
  const { origin } = await running(t, { FRONTEND_URL: 'https://web.example.app,https://chat.example.app' })
  for (const page of ['https://web.example.app', 'https://chat.example.app']) {
    const dora = await enter(origin, `Dora-${new URL(page).host.split('.')[0]}`, page)
    const answer = await send(`${origin}/api/user/${dora.userId}/tasks`, 'GET', { authorization: `Bearer ${dora.token}`, origin: page })
    t.equal(answer.status, 200)
    t.equal(answer.headers.get('access-control-allow-origin'), page)
  }
  const evil = { origin: 'https://evil.example', cookie: 'a=b' }
  const account = { name: 'Eve', email: 'eve@example.com', password: 'correct horse battery' }
  t.equal((await send(`${origin}/api/auth/sign-up/email`, 'POST', evil, account)).status, 403)
})
