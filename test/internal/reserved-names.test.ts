import fastifyJwt from '@fastify/jwt'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import authIntegration from '../../lib/index.js'

const secret = 'a secret of more than thirty-two bytes, for tests'
const requestNames = ['userId', 'claims', 'db', 'repository']

// The names are typed, and not as what a stranger puts there.
function decorateRequest (app: FastifyInstance, name: string): void {
  app.decorateRequest(name as 'other', null as never)
}

function build (t: Test): FastifyInstance {
  const app = Fastify()
  t.teardown(() => app.close())
  return app
}

t.test('a name that was taken before is one sentence with the package and the way out', async (t) => {
  for (const name of requestNames) {
    const app = build(t)
    decorateRequest(app, name)
    await t.rejects(async () => await app.register(authIntegration, { secret }), {
      name: 'TypeError', message: new RegExp(`^request\\.${name} belongs to fastify-auth-integration, which puts .* there: give yours another name$`)
    })
  }
  for (const name of ['verifyToken', 'routeAccess']) {
    const app = build(t)
    app.decorate(name as never, (() => {}) as never)
    await t.rejects(async () => await app.register(authIntegration, { secret }), {
      name: 'TypeError', message: new RegExp(`^app\\.${name} belongs to fastify-auth-integration: register fastify-auth-integration once`)
    })
  }
})

t.test('a name that is taken after is the same sentence, in scopes below too', async (t) => {
  for (const name of requestNames) {
    const app = build(t)
    await app.register(authIntegration, { secret })
    t.throws(() => app.decorateRequest(name as never, { getter: () => 'eve' } as never), { name: 'TypeError', message: new RegExp(`^request\\.${name} belongs to`) })
    app.register(async (scope) => { decorateRequest(scope, name) })
    await t.rejects(async () => await app.ready(), { name: 'TypeError', message: new RegExp(`^request\\.${name} belongs to`) })
  }
  const app = build(t)
  await app.register(authIntegration, { secret })
  t.throws(() => app.decorate('verifyToken', (() => {}) as never), { message: /^app\.verifyToken belongs to/ })
})

t.test('the plugin twice on one app says to register it once', async (t) => {
  const app = build(t)
  await app.register(authIntegration, { secret })
  await t.rejects(async () => await app.register(authIntegration, { secret }), { message: /once, on the outermost instance/ })
})

t.test('assigning to a name says whose it is', async (t) => {
  const app = build(t)
  await app.register(authIntegration, { secret, })
  const messages: string[] = []
  for (const name of ['userId', 'claims', 'db']) {
    app.get(`/${name}`, { config: { auth: false } }, async (request) => { Object.assign(request, { [name]: 'eve' }) })
  }
  app.addHook('onError', async (_request, _reply, error) => { messages.push(error.message) })
  for (const name of ['userId', 'claims', 'db']) t.equal((await app.inject(`/${name}`)).statusCode, 500)
  t.match(messages, [/^request\.userId belongs to/, /^request\.claims belongs to/, /^request\.db belongs to/])
})

t.test('@fastify/jwt after this plugin names the order; in a scope below it is free', async (t) => {
  const app = build(t)
  await app.register(authIntegration, { secret })
  app.register(async (scope) => {
    await scope.register(fastifyJwt, { secret: 'of the scope alone' })
    t.not(scope.jwt, app.jwt)
  })
  await app.ready()
  const later = build(t)
  await later.register(authIntegration, { secret })
  // @fastify/jwt calls this while it is registered.
  t.throws(() => later.decorate('jwt', {} as never), { message: /^app\.jwt belongs to fastify-auth-integration: register your @fastify\/jwt before it/ })
})

t.test('the ways out that the sentences name work: before it, or with a namespace', async (t) => {
  const before = build(t)
  await before.register(fastifyJwt, { secret })
  const { jwt } = before
  await before.register(authIntegration, { secret })
  t.equal(before.jwt, jwt)
  const namespaced = build(t)
  await namespaced.register(authIntegration, { secret })
  await namespaced.register(fastifyJwt, { secret, namespace: 'other' })
  await namespaced.ready()
})

t.test('names of others, and scopes that the plugin does not cover, are left alone', async (t) => {
  const app = build(t)
  app.register(async (scope) => {
    await scope.register(authIntegration, { secret })
    scope.decorateRequest('session', null)
    scope.decorate('mailer', {})
  })
  app.register(async (scope) => {
    scope.decorateRequest('userId', 'nobody' as never)
    scope.get('/', async (request) => request.userId)
  })
  t.equal((await app.inject('/')).body, 'nobody')
})
