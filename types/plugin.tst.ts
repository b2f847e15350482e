import Fastify, { type FastifyRequest, type RouteShorthandOptions } from 'fastify'
import { describe, expect, test } from 'tstyche'
import authIntegration, {
  AuthIntegrationError, errors, type AuthIntegrationOptions, type Claims, type ErrorCode, type RouteAccess, type
  RouteAuth
} from '../lib/index.js'

const app = Fastify()

describe('what a handler sees', () => {
  test('request.userId is a string, with nothing to narrow', () => {
    expect<FastifyRequest['userId']>().type.toBe<string>()
  })

  test('request.claims may be null, and is read-only', () => {
    expect<FastifyRequest['claims']>().type.toBe<Claims | null>()
    expect<Pick<FastifyRequest, 'userId' | 'claims'>>().type.toBe<{
      readonly userId: string
      readonly claims: Claims | null
    }>()
  })

  test('a handler needs no cast', () => {
    app.get('/me', async (request) => {
      expect(request.userId).type.toBe<string>()
      return { id: request.userId, since: request.claims?.iat }
    })
  })

  test('claims that are not registered names are unknown', () => {
    expect<Claims['role']>().type.toBe<unknown>()
    expect<Claims['exp']>().type.toBe<number>()
  })
})

describe('what a route says', () => {
  test('verifyToken stands where Fastify takes a hook', () => {
    expect(app.get).type.toBeCallableWith('/a', { onRequest: app.verifyToken }, () => 'ok')
    expect(app.get).type.toBeCallableWith('/b', { preHandler: [app.verifyToken] }, () => 'ok')
  })

  test('app.jwt signs, without @fastify/jwt being imported', () => {
    expect(app.jwt.sign({ user_id: 'ada' })).type.toBe<string>()
  })

  test('config.auth takes the forms of RouteAuth', () => {
    type Auth = NonNullable<RouteShorthandOptions['config']>['auth']
    expect<Auth>().type.toBe<RouteAuth | undefined>()
    expect<Auth>().type.toBeAssignableFrom<true>()
    expect<Auth>().type.toBeAssignableFrom<false>()
    expect<Auth>().type.toBeAssignableFrom<'optional'>()
    expect<Auth>().type.toBeAssignableFrom<{ owner: 'accountId' }>()
    expect<Auth>().type.toBeAssignableFrom<{ owner: string[] }>()
    expect<Auth>().type.toBeAssignableFrom<{ owner: false }>()
  })

  test('config.auth takes nothing else', () => {
    expect<RouteAuth>().type.toBeAssignableFrom<true>()
    expect<RouteAuth>().type.not.toBeAssignableFrom<'public'>()
    expect<RouteAuth>().type.not.toBeAssignableFrom<{ owner: true }>()
    expect<RouteAuth>().type.not.toBeAssignableFrom<{ owner: number }>()
  })

  test('a misspelt value of config.auth does not compile where it is written', () => {
    expect(app.get).type.toBeCallableWith('/a', { config: { auth: true } }, () => 'ok')
    expect(app.get).type.toBeCallableWith('/a', { config: { auth: 'optional', rateLimit: { max: 3 } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: 'optionl' } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: 'true' } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: 1 } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: null } }, () => 'ok')
    expect(app.route).type.not.toBeCallableWith({
      method: 'GET' as const, url: '/a', config: { auth: 'optionl' }, handler: () => 'ok'
    })
  })

  test('a misspelt key of config.auth does not compile where it is written', () => {
    expect(app.get).type.toBeCallableWith('/a', { config: { auth: {} } }, () => 'ok')
    expect(app.get).type.toBeCallableWith('/a', { config: { auth: { owner: 'accountId' } } }, () => 'ok')
    expect(app.get).type.toBeCallableWith(
      '/a',
      { config: { auth: { scope: 'a', role: ['b'], impersonation: false } } },
      () => 'ok'
    )
    expect(app.get).type.toBeCallableWith('/a', { config: { auth: { scope: false } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { scopes: 'a' } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { roles: ['b'] } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { scope: 5 } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { ownr: 'x' } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { own: 'x' } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { owners: ['x'] } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { Owner: 'x' } } }, () => 'ok')
    expect(app.get).type.not.toBeCallableWith('/a', { config: { auth: { owner: 'x', acces: 'all' } } }, () => 'ok')
    expect(app.route).type.not.toBeCallableWith({
      method: 'GET' as const, url: '/a', config: { auth: { ownr: 'x' } }, handler: () => 'ok'
    })
  })

  test('routeAccess lists every route with its access', () => {
    expect(app.routeAccess()).type.toBe<RouteAccess[]>()
  })
})

describe('what register takes', () => {
  test('every option may be left out', () => {
    expect<AuthIntegrationOptions>().type.toBeAssignableFrom<{}>()
  })

  test('hook is one of three', () => {
    expect<AuthIntegrationOptions['hook']>().type.toBe<'preHandler' | 'onRequest' | false | undefined>()
  })

  test('cors does not take the origins: they come from frontendUrl', () => {
    expect<Exclude<AuthIntegrationOptions['cors'], false | undefined>>().type.not.toHaveProperty('origin')
  })

  test('an option that does not exist is an error', () => {
    const take = (_options: AuthIntegrationOptions) => {}
    expect(take).type.not.toBeCallableWith({ secrets: 'x' })
  })

  test('register takes the plugin with its options', () => {
    expect(app.register).type.toBeCallableWith(authIntegration, {
      hook: 'onRequest' as const,
      publicPaths: ['/health']
    })
    expect<Parameters<typeof authIntegration>[1]>().type.toBe<AuthIntegrationOptions>()
  })
})

describe('what an error tells', () => {
  const caught: unknown = undefined

  test('instanceof narrows to one class, whose code is a literal', () => {
    if (caught instanceof errors.Forbidden) expect(caught.code).type.toBe<'FAI_FORBIDDEN'>()
    if (caught instanceof errors.NotFound) expect(caught).type.toBe<errors.NotFound>()
  })

  test('the code of the base class is a union', () => {
    if (caught instanceof AuthIntegrationError) {
      expect(caught.code).type.toBe<ErrorCode>()
      expect(caught.code).type.toBeAssignableFrom<'FAI_FORBIDDEN'>()
      expect(caught.code).type.not.toBeAssignableFrom<'FAI_FORBIDEN'>()
    }
  })

  test('a class is a type, and no other class', () => {
    expect<errors.Forbidden>().type.toBeAssignableTo<AuthIntegrationError>()
    expect<errors.Forbidden>().type.not.toBeAssignableTo<errors.NotFound>()
    expect<errors.Forbidden>().type.not.toBeAssignableFrom<AuthIntegrationError>()
  })
})
