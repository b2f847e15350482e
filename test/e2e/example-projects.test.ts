import t from 'tap'
import { freePort, startExample } from '../fixtures/example-process.js'
import { enter, send, type Person } from '../fixtures/person.js'
import { startPostgres } from '../fixtures/postgres.js'

// One example for the file: each test has people of its own.
const { url: DATABASE_URL } = await startPostgres(t)
const PORT = String(await freePort())
const example = startExample(t, { DATABASE_URL, PORT, BETTER_AUTH_SECRET: 'a-secret-of-the-projects-tests-0123456789' })
await example.ready
const origin = `http://127.0.0.1:${PORT}`
const nobody = '00000000-0000-4000-8000-000000000000'

interface Call { (method: string, path: string, body?: unknown): ReturnType<Person['call']> }

async function person (name: string): Promise<{ userId: string, call: Call }> {
  const { userId, call } = await enter(origin, name)
  return { userId, call: (method, path, body) => call(method, `/api/user/${userId}${path}`, body) }
}

async function make (call: Call, path: string, body: object): Promise<string> {
  const answer = await call('POST', path, body)
  if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return answer.body.id
}

t.test('a list in pages: the Link header leads through every task once', async (t) => {
  const { call } = await person('Paging')
  const titles = ['one', 'two', 'three', 'four', 'five']
  for (const title of titles) await make(call, '/tasks', { title })
  const seen: string[] = []
  let next: string | undefined = '?limit=2'
  for (let page = 1; next !== undefined; page++) {
    const answer = await call('GET', `/tasks${next}`)
    t.equal(answer.status, 200)
    seen.push(...answer.body.map(({ title }: { title: string }) => title))
    next = /^<(\?limit=2&cursor=[\w-]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
    // What comes meanwhile stands before the first page, and neither repeats nor hides a row.
    if (page === 1) await make(call, '/tasks', { title: 'meanwhile' })
  }
  t.same(seen, titles.toReversed())
  t.equal((await call('GET', '/tasks')).headers.get('link'), null)
  for (const bad of ['limit=0', 'limit=201', 'limit=-1', 'limit=1e2', 'cursor=', 'cursor=nonsense', 'cursor=WzFd', 'page=2']) {
    t.equal((await call('GET', `/tasks?${bad}`)).status, 400, bad)
  }
})

t.test('the board joins tasks with their projects and notes, and counts', async (t) => {
  const { call } = await person('Board')
  const garden = await make(call, '/projects', { name: 'Garden' })
  const ids = []
  for (const title of ['Dig', 'Sow', 'Read']) ids.push(await make(call, '/tasks', { title, done: title === 'Dig' }))
  const [dig, sow, read] = ids as [string, string, string]
  for (const id of [dig, sow]) t.match(await call('PUT', `/tasks/${id}/project`, { projectId: garden }), { status: 200, body: { taskId: id, projectId: garden } })
  await make(call, `/tasks/${sow}/notes`, { body: 'Not too deep' })
  await make(call, `/tasks/${sow}/notes`, { body: 'Water it' })

  const { body: board } = await call('GET', '/board')
  t.match(board, { total: 3, done: 1, nextCursor: null })
  t.match(board.items, [
    { id: read, project: null, notes: 0 },
    { id: sow, project: { id: garden, name: 'Garden' }, notes: 2 },
    { id: dig, project: { id: garden, name: 'Garden' }, notes: 0, done: true }
  ])
  const idsOf = async (query: string) => (await call('GET', `/board?${query}`)).body.items.map(({ id }: { id: string }) => id)
  t.same(await idsOf(`project=${garden}`), [sow, dig])
  t.same(await idsOf(`project=${garden}&show=open`), [sow])
  t.same(await idsOf('show=done'), [dig])
  t.same(await idsOf(`project=${nobody}`), [])

  const { body: first } = await call('GET', '/board?limit=2')
  const { body: second } = await call('GET', `/board?limit=2&cursor=${first.nextCursor}`)
  t.same([...first.items, ...second.items], board.items)
  t.equal(second.nextCursor, null)

  t.match((await call('GET', '/projects')).body, [{ name: 'Garden', tasks: 2 }])
  t.same((await call('GET', `/tasks/${sow}/notes`)).body.map(({ body }: { body: string }) => body), ['Not too deep', 'Water it'])
})

t.test('deleting a project keeps its tasks, deleting a task takes its notes', async (t) => {
  const { call } = await person('Deleting')
  const project = await make(call, '/projects', { name: 'Attic' })
  const task = await make(call, '/tasks', { title: 'Tidy up' })
  await call('PUT', `/tasks/${task}/project`, { projectId: project })
  const note = await make(call, `/tasks/${task}/notes`, { body: 'One day' })
  t.equal((await call('DELETE', `/projects/${project}`)).status, 204)
  t.match((await call('GET', '/board')).body.items, [{ id: task, project: null, notes: 1 }])
  t.equal((await call('DELETE', `/tasks/${task}`)).status, 204)
  t.match(await call('GET', `/tasks/${task}/notes`), { status: 404 })
  t.match(await call('DELETE', `/tasks/${task}/notes/${note}`), { status: 404 })
})

t.test('two people may have projects of one name; one person may not', async (t) => {
  const [vera, wim] = [await person('Vera'), await person('Wim')]
  for (const { call } of [vera, wim]) await make(call, '/projects', { name: 'Home' })
  t.match(await vera.call('POST', '/projects', { name: 'Home' }), { status: 409, body: { detail: 'Conflict' } })
  const other = await make(vera.call, '/projects', { name: 'Work' })
  t.match(await vera.call('PATCH', `/projects/${other}`, { name: 'Home' }), { status: 409 })
  t.match(await vera.call('PATCH', `/projects/${other}`, { name: 'Office' }), { status: 200, body: { name: 'Office' } })
})

t.test('what is another person\'s is not there to file in, to note on, or to see', async (t) => {
  const [xena, yan] = [await person('Xena'), await person('Yan')]
  const [task, foreignTask] = [await make(xena.call, '/tasks', { title: 'Mine' }), await make(yan.call, '/tasks', { title: 'Theirs' })]
  const foreignProject = await make(yan.call, '/projects', { name: 'Secret' })
  const foreignNote = await make(yan.call, `/tasks/${foreignTask}/notes`, { body: 'Hush' })
  const gone = { status: 404, body: { detail: 'Not Found' } }
  for (const [method, path, body] of [
    ['PUT', `/tasks/${task}/project`, { projectId: foreignProject }],
    ['PUT', `/tasks/${foreignTask}/project`, { projectId: foreignProject }],
    ['DELETE', `/tasks/${foreignTask}/project`],
    ['GET', `/tasks/${foreignTask}/notes`],
    ['POST', `/tasks/${foreignTask}/notes`, { body: 'Was here' }],
    ['DELETE', `/tasks/${foreignTask}/notes/${foreignNote}`],
    ['DELETE', `/tasks/${task}/notes/${foreignNote}`],
    ['PATCH', `/projects/${foreignProject}`, { name: 'Taken' }],
    ['DELETE', `/projects/${foreignProject}`]
  ] as const) t.match(await xena.call(method, path, body), gone, `${method} ${path}`)
  t.same((await xena.call('GET', `/board?project=${foreignProject}`)).body.items, [])
  t.match((await yan.call('GET', '/projects')).body, [{ name: 'Secret', tasks: 0 }])
  t.match((await yan.call('GET', `/tasks/${foreignTask}/notes`)).body, [{ id: foreignNote, body: 'Hush' }])
})

t.test('the quick-add page is served from an origin of its own, which the API lets in', async (t) => {
  const { body: places } = await send(`${origin}/places.json`)
  t.equal(places.web, origin)
  t.not(places.chat, origin)
  t.equal(places.elsewhere, `http://localhost:${PORT}`)
  for (const path of ['/', '/chat.js', '/api.js', '/base.css', '/chat.css', '/icon.svg']) {
    const { status, headers } = await send(places.chat + path)
    t.equal(status, 200, path)
    t.match(headers.get('content-security-policy'), `connect-src 'self' ${origin}`)
  }
  for (const path of ['/chat.html', '/page.js', '/health', '/api/auth/token']) t.equal((await send(places.chat + path)).status, 404, path)
  const preflight = await send(`${origin}/api/user/x/tasks`, 'OPTIONS', { origin: places.chat, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' })
  t.equal(preflight.status, 204)
  t.equal(preflight.headers.get('access-control-allow-origin'), places.chat)
  t.equal(preflight.headers.get('access-control-allow-credentials'), 'true')
})

t.test('the list of routes and the reference are public', async (t) => {
  t.match((await send(`${origin}/routes.json`)).body[0], { method: 'GET', url: '/', access: 'public' })
  t.match(await send(`${origin}/routes`), { status: 200, body: /Access of every route/ })
  t.match(await send(`${origin}/reference/`), { status: 200, body: /<html lang="en">/ })
})
