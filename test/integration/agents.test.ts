import swagger from '@fastify/swagger'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import authIntegration, { type AuthIntegrationOptions } from '../../lib/index.js'
import { checkIsolation, createTestIssuer, injectAs, type TestIssuer } from '../../lib/testing.js'

const audience = 'https://api.example.com'
const claims = { aud: audience }

interface Scene { app: FastifyInstance, issuer: TestIssuer, lines: Array<Record<string, unknown>> }

async function scene (t: Test, options: AuthIntegrationOptions = {}): Promise<Scene> {
  const lines: Scene['lines'] = []
  const issuer = await createTestIssuer()
  const app = Fastify({ logger: { stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } })
  t.teardown(async () => { await app.close(); await issuer.close() })
  await app.register(authIntegration, { jwks: issuer.jwksUrl, audience, hook: 'onRequest', ...options })
  return { app, issuer, lines }
}

async function ask (app: FastifyInstance, url: string, token?: string) {
  const { statusCode, headers, body } = await app.inject({ url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })
  return { status: statusCode, challenge: headers['www-authenticate'], body }
}

function routes (app: FastifyInstance): void {
  app.get('/tasks', { config: { auth: { scope: 'tasks:read' } } }, async (request) => request.userId)
  app.delete('/tasks/:id', { config: { auth: { scope: ['tasks:read', 'tasks:write'] } } }, async (request) => request.userId)
  app.get('/me', async (request) => request.userId)
  app.get('/admin', { config: { auth: { role: ['admin', 'owner'] } } }, async (request) => request.userId)
  app.get('/password', { config: { auth: { impersonation: false } } }, async (request) => request.userId)
}

t.test('an agent\'s token acts in its scope, and nowhere else', async (t) => {
  const { app, issuer, lines } = await scene(t)
  routes(app)
  const agent = issuer.accessToken('ada', { scope: 'tasks:read', claims })
  t.match(await ask(app, '/tasks', agent), { status: 200, body: 'ada' })
  const remove = await app.inject({ method: 'DELETE', url: '/tasks/1', headers: { authorization: `Bearer ${agent}` } })
  t.equal(remove.statusCode, 403)
  t.equal(remove.headers['www-authenticate'], 'Bearer error="insufficient_scope", scope="tasks:read tasks:write"')
  t.equal(remove.body, '{"detail":"Forbidden"}')
  t.match(await ask(app, '/me', agent), { status: 403, challenge: 'Bearer error="insufficient_scope"' })
  t.ok(lines.some((line) => /this route names none: give it config\.auth\.scope/.test(String(line.reason))))
  const own = issuer.token('ada', { family: 'jwks', claims })
  t.match(await ask(app, '/me', own), { status: 200, body: 'ada' })
  t.match(await ask(app, '/tasks', own), { status: 403 })
})

t.test('the plugin\'s scope stands for routes that name none, and false lets any access token act as its user', async (t) => {
  const scoped = await scene(t, { scope: 'api' })
  routes(scoped.app)
  t.match(await ask(scoped.app, '/me', scoped.issuer.accessToken('ada', { scope: 'api', claims })), { status: 200 })
  t.match(await ask(scoped.app, '/me', scoped.issuer.accessToken('ada', { scope: 'other', claims })), { status: 403, challenge: /scope="api"/ })
  t.match(await ask(scoped.app, '/tasks', scoped.issuer.accessToken('ada', { scope: 'tasks:read', claims })), { status: 200 })
  const any = await scene(t, { scope: false })
  routes(any.app)
  t.match(await ask(any.app, '/me', any.issuer.accessToken('ada', { claims })), { status: 200 })
  t.match(await ask(any.app, '/tasks', any.issuer.accessToken('ada', { claims })), { status: 403 })
})

t.test('a token that is bound to a key, and one without a user, are nobody', async (t) => {
  const { app, issuer, lines } = await scene(t, { scope: false })
  routes(app)
  const invalid = { status: 401, challenge: 'Bearer error="invalid_token"' }
  t.match(await ask(app, '/me', issuer.accessToken('ada', { claims: { ...claims, cnf: { jkt: 'x' } } })), invalid)
  t.match(await ask(app, '/me', issuer.accessToken('machine', { clientId: 'machine', claims })), invalid)
  t.match(await ask(app, '/me', issuer.token('app', { family: 'jwks', claims: { ...claims, idtyp: 'app' } })), invalid)
  t.strictSame(lines.filter(({ code }) => code === 'FAI_INVALID_TOKEN').map(({ reason }) => reason), ['cnf', 'no_user', 'no_user'])
})

t.test('a role is looked up in its claim', async (t) => {
  const { app, issuer } = await scene(t, { roleClaim: 'roles' })
  routes(app)
  const as = (roles: unknown) => issuer.token('ada', { family: 'jwks', claims: { ...claims, roles } })
  t.match(await ask(app, '/admin', as('user,owner')), { status: 200 })
  t.match(await ask(app, '/admin', as(['admin'])), { status: 200 })
  t.match(await ask(app, '/admin', as('user')), { status: 403, challenge: undefined })
  t.match(await ask(app, '/admin', issuer.token('ada', { family: 'jwks', claims })), { status: 403 })
})

t.test('who acts as the user is on the request\'s log lines, and kept from where that is not allowed', async (t) => {
  const { app, issuer, lines } = await scene(t)
  routes(app)
  const support = issuer.token('ada', { family: 'jwks', claims: { ...claims, impersonatedBy: 'support-7' } })
  t.match(await ask(app, '/me', support), { status: 200 })
  t.ok(lines.some((line) => line.msg === 'request completed' && line.impersonatedBy === 'support-7'))
  t.match(await ask(app, '/password', support), { status: 403 })
  t.ok(lines.some((line) => line.code === 'FAI_FORBIDDEN' && line.impersonatedBy === 'support-7'))
  t.match(await ask(app, '/password', issuer.token('ada', { family: 'jwks', claims: { ...claims, act: { sub: 'agent' } } })), { status: 403 })
  t.match(await ask(app, '/password', issuer.token('ada', { family: 'jwks', claims })), { status: 200 })
})

t.test('the resource serves its metadata, and each challenge names them', async (t) => {
  const { app, issuer } = await scene(t, { resource: { url: `${audience}/mcp`, authorizationServers: ['https://auth.example.com'] } })
  routes(app)
  for (const path of ['', '/mcp']) {
    const response = await app.inject(`/.well-known/oauth-protected-resource${path}`)
    t.strictSame(response.json(), {
      resource: `${audience}/mcp`,
      authorization_servers: ['https://auth.example.com'],
      bearer_methods_supported: ['header'],
      scopes_supported: ['tasks:read', 'tasks:write']
    })
  }
  const named = 'resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/mcp"'
  t.match(await ask(app, '/me'), { status: 401, challenge: `Bearer ${named}` })
  t.match(await ask(app, '/me', 'x.y.z'), { status: 401, challenge: `Bearer error="invalid_token", ${named}` })
  t.match(await ask(app, '/tasks', issuer.accessToken('ada', { claims })), {
    status: 403, challenge: `Bearer error="insufficient_scope", scope="tasks:read", ${named}`
  })
  t.match(await ask(app, '/me', 'a.b.c'), { challenge: `Bearer error="invalid_token", ${named}` }, 'and no challenge is completed twice')
})

t.test('app.routeAccess() lists what each route asks', async (t) => {
  const { app } = await scene(t, { scope: 'api' })
  routes(app)
  await app.ready()
  const listed = Object.fromEntries(app.routeAccess().filter(({ method }) => method !== 'HEAD').map(({ url, scope, role, impersonation }) => [url, { scope, role, impersonation }]))
  t.strictSame(listed, {
    '/tasks': { scope: ['tasks:read'], role: undefined, impersonation: undefined },
    '/tasks/:id': { scope: ['tasks:read', 'tasks:write'], role: undefined, impersonation: undefined },
    '/me': { scope: ['api'], role: undefined, impersonation: undefined },
    '/admin': { scope: ['api'], role: ['admin', 'owner'], impersonation: undefined },
    '/password': { scope: ['api'], role: undefined, impersonation: false }
  })
})

t.test('the OpenAPI document names the scopes from 3.1 on, and says what a 403 means', async (t) => {
  for (const [openapi, scopes] of [['3.1.0', ['tasks:read']], ['3.0.3', []]] as const) {
    const { app } = await scene(t)
    await app.register(swagger, { openapi: { openapi } })
    routes(app)
    await app.ready()
    const { paths } = app.swagger() as unknown as { paths: Record<string, Record<string, { security: unknown, responses: Record<string, { description: string }> }>> }
    t.strictSame(paths['/tasks']?.get?.security, [{ bearerAuth: scopes }])
    t.equal(paths['/tasks']?.get?.responses['403']?.description, 'The token lacks the scope tasks:read')
    t.equal(paths['/admin']?.get?.responses['403']?.description, 'The user is not admin or owner')
    t.equal(paths['/me']?.get?.responses['403'], undefined)
    t.equal(paths['/.well-known/oauth-protected-resource'], undefined)
  }
})

t.test('at start: a key set without audience, and a resource whose routes name no scope, are warnings', async (t) => {
  const resource = { url: audience, authorizationServers: ['https://auth.example.com'] }
  const warned = async (options: AuthIntegrationOptions, add?: (app: FastifyInstance) => void) => {
    const { app, issuer, lines } = await scene(t, options)
    app.get('/me', async (request) => request.userId)
    add?.(app)
    await app.ready()
    t.ok(issuer)
    return lines.filter(({ level }) => level === 40).map(({ msg }) => msg)
  }
  t.match(await warned({ audience: undefined } as never), [/^"jwks" without "audience" accepts a token that the issuer made for any other API/])
  t.match(await warned({ resource }), [/no route names a scope, so an access token \(at\+jwt\) is refused on each/])
  t.strictSame(await warned({ resource, scope: false }), [])
  t.strictSame(await warned({}), [])
})

t.test('checkIsolation holds every scope that the routes need, and reports one that is not asked for', async (t) => {
  const { app, issuer } = await scene(t)
  app.get('/tasks', { config: { auth: { scope: 'tasks:read' } } }, async (request) => ({ mine: request.userId }))
  const right = await checkIsolation(app, { issuer: { token: (id, options) => issuer.token(id, { ...options, family: 'jwks' }) }, claims })
  t.strictSame(right, { leaks: [], unproven: [], routes: 1 })

  const wrong = await scene(t)
  wrong.app.get('/tasks', { config: { auth: { scope: ['tasks:read', 'tasks:write'] } } }, async (request) => ({ mine: request.userId }))
  // A hole of the kind that a rewritten rule would make: the route says a scope, and nobody looks.
  const listed = wrong.app.routeAccess
  wrong.app.routeAccess = () => listed().map((row) => ({ ...row, scope: [...row.scope ?? [], 'tasks:admin'] }))
  const holed = await checkIsolation(wrong.app, { issuer: { token: (id, options) => wrong.issuer.token(id, { ...options, family: 'jwks' }) }, claims })
  t.match(holed.leaks, [{ method: 'GET', url: '/tasks', status: 200, what: 'let a token without the scope tasks:admin in' }])
  t.equal(holed.leaks.length, 1)
})

t.test('injectAs takes a scope among its claims', async (t) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret: 'a secret of more than thirty-two bytes, for tests' })
  routes(app)
  t.equal((await injectAs(app, 'ada', { claims: { scope: 'tasks:read' } })('/tasks')).statusCode, 200)
  t.equal((await injectAs(app, 'ada')('/tasks')).statusCode, 403)
})
