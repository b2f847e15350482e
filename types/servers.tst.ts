import Fastify, { type FastifyTypeProvider } from 'fastify'
import { pino } from 'pino'
import { describe, expect, test } from 'tstyche'
import authIntegration, { clientErrorHandler, frameworkErrors, loggerOptions } from '../lib/index.js'
import { checkIsolation, injectAs } from '../lib/testing.js'

interface Provider extends FastifyTypeProvider { validator: this['schema'], serializer: this['schema'] }

const before = { frameworkErrors, clientErrorHandler }
const apps = {
  logger: Fastify({ ...before, logger: loggerOptions({ level: 'debug' }) }),
  loggerInstance: Fastify({ ...before, loggerInstance: pino() }),
  http2: Fastify({ ...before, http2: true, logger: loggerOptions() }),
  http2Secure: Fastify({ ...before, http2: true, https: {}, logger: loggerOptions() }),
  https: Fastify({ ...before, https: {}, logger: loggerOptions() }),
  typeProvider: Fastify({ ...before, logger: loggerOptions() }).withTypeProvider<Provider>()
}

// The members of a union of apps cannot be called, so each is written out.
describe('in apps of every kind of server, logger and type provider', () => {
  test('the plugin registers', () => {
    expect(apps.logger.register).type.toBeCallableWith(authIntegration, { hook: 'onRequest' as const })
    expect(apps.loggerInstance.register).type.toBeCallableWith(authIntegration, { hook: 'onRequest' as const })
    expect(apps.http2.register).type.toBeCallableWith(authIntegration, { hook: 'onRequest' as const })
    expect(apps.http2Secure.register).type.toBeCallableWith(authIntegration, { hook: 'onRequest' as const })
    expect(apps.https.register).type.toBeCallableWith(authIntegration, { hook: 'onRequest' as const })
    expect(apps.typeProvider.register).type.toBeCallableWith(authIntegration, { hook: 'onRequest' as const })
  })

  test('app.verifyToken stands on a route, and the handler has request.userId', () => {
    const { verifyToken } = apps.logger
    apps.loggerInstance.get('/', { onRequest: verifyToken }, async (request) => request.userId.trim())
    apps.http2.get('/', { onRequest: verifyToken }, async (request) => request.userId.trim())
    apps.http2Secure.get('/', { preHandler: [verifyToken] }, async (request) => request.userId.trim())
    apps.https.get('/', { preValidation: verifyToken }, async (request) => request.userId.trim())
    apps.typeProvider.get('/', { onRequest: verifyToken }, async (request) => request.userId.trim())
  })

  test('app.verifyToken is a hook of a scope', () => {
    apps.loggerInstance.addHook('onRequest', apps.loggerInstance.verifyToken)
    apps.http2.addHook('preHandler', apps.http2.verifyToken)
    apps.typeProvider.addHook('onRequest', apps.typeProvider.verifyToken)
  })

  test('the testing kit takes it', () => {
    expect(injectAs).type.toBeCallableWith(apps.logger, 'ada')
    expect(injectAs).type.toBeCallableWith(apps.loggerInstance, 'ada')
    expect(injectAs).type.toBeCallableWith(apps.http2, 'ada')
    expect(injectAs).type.toBeCallableWith(apps.http2Secure, 'ada')
    expect(injectAs).type.toBeCallableWith(apps.https, 'ada')
    expect(injectAs).type.toBeCallableWith(apps.typeProvider, 'ada')
    expect(checkIsolation).type.toBeCallableWith(apps.loggerInstance)
    expect(checkIsolation).type.toBeCallableWith(apps.http2)
    expect(checkIsolation).type.toBeCallableWith(apps.typeProvider)
  })
})
