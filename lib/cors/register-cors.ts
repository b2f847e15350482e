import fastifyCors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance } from 'fastify'
import type { AuthIntegrationOptions } from '../options.js'
import { createOriginMatcher, parseOrigins } from './origins.js'

// The REST methods; @fastify/cors allows three of them by itself.
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

// Better Auth hands tokens over in these.
const exposedHeaders = ['set-auth-jwt', 'set-auth-token']

// @fastify/cors marks requests with this; whoever registers it twice reads about a decorator.
const mark = 'corsPreflightEnabled'

const clash = '@fastify/cors is registered by the app and by fastify-auth-integration: ' +
  'pass cors: false to keep the app\'s own, or leave the app\'s out and set frontendUrl'

function toList (value: string | string[] | null | undefined): string[] {
  return value === null || value === undefined ? [] : [value].flat().flatMap((text) => text.split(',')).map((name) => name.trim()).filter((name) => name !== '')
}

function checkCors (cors: object): void {
  for (const name of ['origin', 'delegator']) {
    if (name in cors) throw new TypeError(`"cors.${name}" is not taken: list the origins in frontendUrl, or pass cors: false and register @fastify/cors yourself`)
  }
  if ('hook' in cors && cors.hook !== 'onRequest') {
    throw new TypeError('"cors.hook" has to be "onRequest": later, preflights and refusals would lack the CORS headers')
  }
}

function refuseSecondCors (app: FastifyInstance): void {
  const decorateRequest = app.decorateRequest as (...decoration: unknown[]) => FastifyInstance
  app.decorateRequest = function (this: FastifyInstance, ...decoration: unknown[]) {
    if (decoration[0] === mark) throw new TypeError(clash)
    return decorateRequest.apply(this, decoration)
  } as FastifyInstance['decorateRequest']
}

/**
 * Lets browsers on the listed origins call the API, with credentials. Await it before the guard is
 * registered. Without `frontendUrl` and `FRONTEND_URL`, or with `cors: false`, nothing is registered,
 * and browsers on other origins can read nothing.
 * @throws {TypeError} on an origin that is none, and when the app has registered @fastify/cors itself
 */
export async function registerCors (app: FastifyInstance, options: Pick<AuthIntegrationOptions, 'frontendUrl' | 'cors'>): Promise<void> {
  const { frontendUrl = process.env.FRONTEND_URL ?? [], cors = {} } = options
  if (cors === false) return
  checkCors(cors)
  const origins = parseOrigins(frontendUrl)
  if (origins.length === 0) return
  if (app.hasRequestDecorator(mark)) throw new TypeError(clash)

  const matches = createOriginMatcher(origins)
  await app.register(fastifyCors, {
    methods,
    credentials: true,
    ...cors,
    exposedHeaders: [...new Set([...exposedHeaders, ...toList(cors.exposedHeaders)])],
    // A function that answers false keeps both allow headers away; a list only keeps one.
    origin: (origin, answer) => answer(null, matches(origin) ? origin as string : false)
  } satisfies FastifyCorsOptions)
  refuseSecondCors(app)
}
