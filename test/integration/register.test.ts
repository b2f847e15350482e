import Fastify from 'fastify'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import authIntegration, { AuthIntegrationError, fastifyAuthIntegration } from '../../lib/index.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables, schema, tasks } from '../fixtures/task-schema.js'

const secret = 'a secret of more than thirty-two bytes, for tests'

t.test('one register call verifies, guards and scopes', async (t) => {
  const { url } = await startPostgres(t)
  const client = postgres(url, { onnotice: () => {} })
  t.teardown(() => client.end())
  await client.unsafe(createTables)
  const db = drizzle(client, { schema })

  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret, db })
  app.get('/health', async () => ({ status: 'ok' }))
  app.get('/tasks', async (request) => await request.repository(tasks).findMany({ orderBy: tasks.id }))
  app.post('/tasks', async (request) => await request.repository(tasks).insert({ title: (request.body as { title: string }).title }))
  app.get('/count', async (request) => await request.db.$count(tasks))

  const headersOf = (user: string): { authorization: string } => ({ authorization: `Bearer ${app.jwt.sign({ user_id: user })}` })
  t.equal((await app.inject('/health')).statusCode, 200)
  const refused = await app.inject('/tasks')
  t.equal(refused.statusCode, 401)
  t.equal(refused.body, '{"detail":"Missing token"}')
  t.equal(refused.headers['www-authenticate'], 'Bearer')

  t.equal((await app.inject({ method: 'POST', url: '/tasks', headers: headersOf('A'), payload: { title: 'mine' } })).json().userId, 'A')
  t.equal((await app.inject({ method: 'POST', url: '/tasks', headers: headersOf('B'), payload: { title: 'theirs' } })).json().userId, 'B')
  t.strictSame((await app.inject({ url: '/tasks', headers: headersOf('A') })).json().map((task: { title: string }) => task.title), ['mine'])
  t.strictSame((await app.inject({ url: '/count', headers: headersOf('B') })).json(), 1)
})

t.test('the named export is the plugin too', async (t) => {
  t.equal(fastifyAuthIntegration, authIntegration)
})

t.test('an option that does not exist is refused', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(async () => await app.register(authIntegration, { secret, publicPath: ['/x'] } as never), { message: /"publicPath" is not an option/ })
})

t.test('without the db option request.db says so', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret })
  app.get('/tasks', async (request) => await request.db.select().from(tasks))
  const answer = await app.inject({ url: '/tasks', headers: { authorization: `Bearer ${app.jwt.sign({ user_id: 'A' })}` } })
  t.equal(answer.statusCode, 500)
  t.equal(answer.body, '{"detail":"Internal Server Error"}')
})

t.test('a challenge reaches the client through an error handler of the app\'s own', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.setErrorHandler((error, _request, reply) => reply.code(401).send({ problem: (error as Error).message }))
  await app.register(authIntegration, { secret, errorHandler: false })
  app.get('/tasks', async () => [])
  const answer = await app.inject('/tasks')
  t.equal(answer.headers['www-authenticate'], 'Bearer')
  t.strictSame(answer.json(), { problem: 'Missing token' })
})

t.test('an error handler of the app\'s own, as docs/errors.md has it, brings no warning', async (t) => {
  const warnings = t.capture(process, 'emitWarning')
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret, errorHandler: false })
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof AuthIntegrationError)) return reply.code(500).send({ problem: 'Something went wrong' })
    return reply.code(error.statusCode).headers(error.headers ?? {}).send({ problem: error.detail })
  })
  app.get('/tasks', async () => [])
  t.strictSame((await app.inject('/tasks')).json(), { problem: 'Missing token' })
  t.strictSame(warnings().map(({ args }) => args[0]), [])
})

t.test('an option that would be ignored is refused', async (t) => {
  const refused: Array<[object, RegExp]> = [
    [{ rowLevelSecurity: true }, /"rowLevelSecurity" needs the "db" option/],
    [{ errorHandler: 'yes' }, /"errorHandler" is true or false/],
    [{ betterAuth: null }, /^"betterAuth" must be what betterAuth/],
    [{ betterAuth: true }, /^"betterAuth" must be what betterAuth/],
    [{ db: null }, /^"db" must be a Drizzle database/],
    [{ publicPaths: null }, /^"publicPaths" must be a list/],
    [{ cors: [] }, /^"cors" must be options of @fastify\/cors/],
    [{ ownerColumn: 'owner' }, /^"ownerColumn" needs the "db" option/]
  ]
  for (const [options, message] of refused) {
    const app = Fastify()
    t.teardown(() => app.close())
    await t.rejects(async () => await app.register(authIntegration, { secret, ...options } as never), { name: 'TypeError', message })
  }
})
