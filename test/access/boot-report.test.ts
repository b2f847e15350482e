import Fastify from 'fastify'
import { once } from 'node:events'
import t from 'tap'
import { registerAccess } from '../../lib/access/register-access.js'
import { createFakeAuthenticate } from '../fixtures/fake-authenticate.js'
import { buildGuarded } from '../fixtures/guarded-app.js'

const handler = async (): Promise<string> => 'in'

async function told ({ app, lines }: Awaited<ReturnType<typeof buildGuarded>>): Promise<string[]> {
  await app.ready()
  return lines.map((line) => JSON.parse(line).msg)
}

t.test('a public path that matches no route is told with the nearest one', async (t) => {
  const built = await buildGuarded({ publicPaths: ['/helth', '/api/atuh/sign-in', '/zzzzzz', '/files/pub', '/all'] })
  const { app } = built
  for (const url of ['/health', '/api/auth/sign-in/email', '/files/*', '/all/:x']) app.get(url, handler)
  t.same(await told(built), [
    'The public path "/helth" matches no route. Did you mean "/health"?',
    'The public path "/api/atuh/sign-in" matches no route. Did you mean "/api/auth/sign-in"?',
    'The public path "/zzzzzz" matches no route.'
  ])
})

t.test('an owner parameter that is in no route is told with the nearest one', async (t) => {
  const built = await buildGuarded({ ownerParams: ['acountId', 'user_id', 'other'] })
  const { app } = built
  app.get('/a/:accountId/:user_id', handler)
  t.same(await told(built), [
    'The owner parameter "acountId" is in no route. Did you mean "accountId"?',
    'The owner parameter "other" is in no route.'
  ])
})

t.test('the defaults are not held against the app', async (t) => {
  const built = await buildGuarded()
  const { app } = built
  app.get('/x', handler)
  t.same(await told(built), [])
})

t.test('a public path over something that is protected is told', async (t) => {
  const built = await buildGuarded({ publicPaths: ['/user', '/api', '/x'] })
  const { app } = built
  app.get('/user/:user_id/tasks', handler)
  app.get('/api/me', { onRequest: app.verifyToken }, handler)
  app.get('/api/:id', { config: { auth: { owner: 'id' } } }, handler)
  app.get('/x', { config: { auth: false } }, handler)
  t.same(await told(built), [
    'The public path "/api" covers GET /api/me, which asks for a token by app.verifyToken and keeps it: one of the two is not meant.',
    'The public path "/api" covers GET /api/:id, which asks for a token by config.auth and keeps it: one of the two is not meant.',
    'The public path "/user" opens GET /user/:user_id/tasks, whose ":user_id" names a user: if that is meant, say it on the route with config: { auth: false }.'
  ])
})

t.test('a slip in the name of config.auth is told', async (t) => {
  const built = await buildGuarded()
  const { app } = built
  app.get('/x', { config: { auht: false, oauth: true, rateLimit: {} } as object }, handler)
  t.same(await told(built), ['GET /x has config.auht, which nothing reads here. Did you mean "auth"?'])
})

t.test('without a logger it is a process warning', async (t) => {
  const app = Fastify()
  registerAccess(app, { publicPaths: ['/helth'] }, createFakeAuthenticate())
  app.get('/health', handler)
  const warned = once(process, 'warning')
  await app.ready()
  const [warning] = await warned
  t.match(warning, { code: 'FAI_WARNING', message: /Did you mean "\/health"/ })
})

t.test('config.auth that cannot be obeyed does not start, and every mistake is told with the nearest name', async (t) => {
  const mistakes: [string, unknown, RegExp][] = [
    ['/a', 5, /config\.auth of \/a must be true, false, "optional" or \{ owner, scope, role, impersonation \}, got 5\./],
    ['/b', null, /got null/],
    ['/c', 'optionl', /got 'optionl'\. Did you mean "optional"\?/],
    ['/d', [], /got \[\]/],
    ['/e/:id', { owner: 'ID' }, /"ID", and the URL has id\. Did you mean "id"\?/],
    ['/f', { owner: 'id' }, /has no parameter\./],
    ['/g/:id', { ownr: 'id' }, /"ownr" is not an option of config\.auth of \/g\/:id; they are owner, scope, role, impersonation\. Did you mean "owner"\?/],
    ['/h/:id', { limit: 'id' }, /"limit" is not an option of config\.auth of \/h\/:id; they are owner, scope, role, impersonation\./],
    ['/i/:id', { owner: 5 }, /must be a parameter's name, a list of them or false, got 5/]
  ]
  for (const [url, auth, message] of mistakes) {
    const { app } = await buildGuarded()
    app.get(url, { config: { auth: auth as false } }, handler)
    await t.rejects(async () => { await app.ready() }, { name: 'TypeError', message })
  }
  const { app } = await buildGuarded()
  app.get('/x', { config: { auth: false }, onRequest: app.verifyToken }, handler)
  app.get('/y', { config: { auth: 'on' as 'optional' } }, handler)
  await t.rejects(async () => { await app.ready() }, /^\/x has config: \{ auth: false \} and names app\.verifyToken: leave one of them out\.\nconfig\.auth of \/y .*$/)
})

t.test('a route nobody saw being registered stays closed when its config.auth cannot be obeyed', async (t) => {
  const app = Fastify()
  await app.register(async (scope) => {
    scope.get('/early', { config: { auth: 'on' as 'optional' } }, handler)
    registerAccess(scope, {}, createFakeAuthenticate())
  })
  t.equal((await app.inject({ url: '/early', headers: { authorization: 'Bearer alice' } })).statusCode, 403)
})
