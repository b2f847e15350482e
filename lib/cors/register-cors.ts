import fastifyCors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler, onSendHookHandler } from 'fastify'
import type { AuthIntegrationOptions } from '../options.js'
import { parseCorsOptions, type CorsOptions } from './cors-options.js'
import { createOriginMatcher, parseOrigins } from './origins.js'

// The REST methods; @fastify/cors allows three of them by itself.
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

// Better Auth hands tokens over in these.
const exposedHeaders = ['set-auth-jwt', 'set-auth-token']

// @fastify/cors marks preflights with this; whoever registers it twice reads about a decorator.
const mark = 'corsPreflightEnabled'

// What it sets for a preflight only.
const preflightHeaders = ['access-control-allow-methods', 'access-control-allow-headers', 'access-control-max-age']

const clash = '@fastify/cors is registered by the app and by fastify-auth-integration: ' +
  'pass cors: false to keep the app\'s own, or leave the app\'s out and set frontendUrl'

function toList (value: string | string[] | undefined): string[] {
  return [value ?? []].flat().flatMap((text) => text.split(',')).map((name) => name.trim()).filter((name) => name !== '')
}

function refuseSecondCors (app: FastifyInstance): void {
  const decorateRequest = app.decorateRequest as (...decoration: unknown[]) => FastifyInstance
  app.decorateRequest = function (this: FastifyInstance, ...decoration: unknown[]) {
    if (decoration[0] === mark) throw new TypeError(clash)
    return decorateRequest.apply(this, decoration)
  } as FastifyInstance['decorateRequest']
}

/**
 * Ends what @fastify/cors began, which takes every `OPTIONS` of a listed origin for a preflight: one that asks about no
 * method is the app's to answer (Fetch standard, section CORS-preflight request).
 */
function createPreflightHook (options: CorsOptions): onRequestHookHandler {
  return function answerPreflight (request: FastifyRequest & { [mark]?: boolean }, reply, done) {
    if (request[mark] !== true) return done()
    // A route may have options of its own, which @fastify/cors has heeded for the rest.
    const { cors } = request.routeOptions.config as { cors?: CorsOptions }
    const { optionsSuccessStatus = 204, preflightContinue, strictPreflight, cacheControl } = { ...options, ...cors }
    if (strictPreflight === undefined && !request.headers['access-control-request-method']) {
      request[mark] = false
      for (const name of preflightHeaders) reply.removeHeader(name)
      if (cacheControl !== undefined) reply.removeHeader('cache-control')
      return done()
    }
    if (preflightContinue === true) return done()
    // Safari waits for a body without the length.
    reply.code(optionsSuccessStatus).header('content-length', '0').send()
  }
}

/**
 * Answers may differ by `Origin`, and a cache has to know: what a handler sets comes beside it, not in its place
 * (RFC 9110 section 12.5.5).
 */
const keepVary: onSendHookHandler = (_request, reply, payload, done) => {
  const vary = reply.getHeader('vary')
  if (vary !== 'Origin') {
    const names = toList(vary === undefined ? undefined : String(vary))
    if (!names.some((name) => name === '*' || name.toLowerCase() === 'origin')) reply.header('vary', [...names, 'Origin'].join(', '))
  }
  done(null, payload)
}

/**
 * Lets browsers on the listed origins call the API, with credentials. Await it before the guard is
 * registered. Without `frontendUrl` and `FRONTEND_URL`, or with `cors: false`, nothing is registered,
 * and browsers on other origins can read nothing.
 * @throws {TypeError} on an origin that is none, on options that would be ignored, and when the app has registered
 * @fastify/cors itself
 */
export async function registerCors (app: FastifyInstance, options: Pick<AuthIntegrationOptions, 'frontendUrl' | 'cors'>): Promise<void> {
  const { frontendUrl, cors } = options
  // Checked even where it is not used, so that a slip does not wait for the day it is.
  if (frontendUrl !== undefined) parseOrigins(frontendUrl)
  if (cors === false) return
  const further = parseCorsOptions(cors)
  const origins = parseOrigins(frontendUrl ?? process.env.FRONTEND_URL ?? [])
  if (origins.length === 0) return
  if (app.hasRequestDecorator(mark)) throw new TypeError(clash)

  const matches = createOriginMatcher(origins)
  await app.register(fastifyCors, {
    methods,
    credentials: true,
    ...further,
    exposedHeaders: [...new Set([...exposedHeaders, ...toList(further.exposedHeaders)])],
    // A function that answers false keeps both allow headers away; a list only keeps one.
    origin: (origin, answer) => answer(null, matches(origin) ? origin as string : false),
    strictPreflight: further.strictPreflight === true,
    preflightContinue: true
  } satisfies FastifyCorsOptions)
  app.addHook('onRequest', createPreflightHook(further))
  app.addHook('onSend', keepVary)
  refuseSecondCors(app)
}
