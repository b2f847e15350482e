import type { FastifyInstance } from 'fastify'
import type { AuthIntegrationOptions } from '../options.js'
import { parseCorsOptions, preflightFlag, type CorsOptions } from './cors-options.js'
import { createOriginMatcher, parseOrigins } from './origins.js'
import type { corsHook as CorsHook } from './preflight.js'
import { headWriter, namesIn } from './response-head.js'

// The REST methods; @fastify/cors allows three of them by itself.
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

// Better Auth hands tokens over in these.
const exposedHeaders = ['set-auth-jwt', 'set-auth-token']

const clash = '@fastify/cors is registered by the app and by fastify-auth-integration: ' +
  'pass cors: false to keep the app\'s own, or leave the app\'s out and set frontendUrl'

function refuseSecondCors (app: FastifyInstance): void {
  const decorateRequest = app.decorateRequest as (...decoration: unknown[]) => FastifyInstance
  app.decorateRequest = function (this: FastifyInstance, ...decoration: unknown[]) {
    if (decoration[0] === preflightFlag) throw new TypeError(clash)
    return decorateRequest.apply(this, decoration)
  } as FastifyInstance['decorateRequest']
}

/**
 * Lets browsers on the listed origins call the API, with credentials. Await it before the guard is
 * registered. Without `frontendUrl` and `FRONTEND_URL`, or with `cors: false`, nothing is registered,
 * and browsers on other origins can read nothing.
 * @throws {TypeError} on an origin that is none, on options that would be ignored, and when the app has registered
 * @fastify/cors itself
 */
export async function registerCors (
  app: FastifyInstance, options: Pick<AuthIntegrationOptions, 'frontendUrl' | 'cors'>
): Promise<void> {
  const { frontendUrl, cors } = options
  // Checked even where it is not used, so that a slip does not wait for the day it is.
  if (frontendUrl !== undefined) parseOrigins(frontendUrl)
  if (cors === false) return
  const further = parseCorsOptions(cors)
  const origins = parseOrigins(frontendUrl ?? process.env.FRONTEND_URL ?? [])
  if (origins.length === 0) return
  if (app.hasRequestDecorator(preflightFlag)) throw new TypeError(clash)

  // With it comes @fastify/cors, which an app without front ends does not wait for.
  const { corsHook, createPreflightHook } = await import('./preflight.js')
  const all = { methods, credentials: true, ...further, exposedHeaders: exposed(further) }
  addCorsHook(app, corsHook, createOriginMatcher(origins), all)
  app.addHook('onRequest', createPreflightHook(further))
  refuseSecondCors(app)
}

function exposed ({ exposedHeaders: more }: CorsOptions): string[] {
  return [...new Set([...exposedHeaders, ...namesIn(more)])]
}

type Matcher = ReturnType<typeof createOriginMatcher>

function addCorsHook (
  app: FastifyInstance, corsHook: typeof CorsHook, matches: Matcher, options: CorsOptions
): void {
  const exposedNames = namesIn(options.exposedHeaders).join(', ')
  const headers: Record<string, string> = { 'access-control-expose-headers': exposedNames }
  if (options.credentials === true) headers['access-control-allow-credentials'] = 'true'
  const whole = corsHook(app, {
    ...options,
    // A function that says false keeps both allow headers away; a list only keeps one.
    origin: (origin, allow) => allow(null, matches(origin) ? origin as string : false),
    strictPreflight: options.strictPreflight === true,
    preflightContinue: true
  })
  const headersFor = (origin: string | undefined): Record<string, string> | undefined =>
    matches(origin) ? { 'access-control-allow-origin': origin!, ...headers } : undefined
  const addHeaders = headWriter(headersFor)
  let someRouteHasOptions = false
  app.addHook('onRoute', ({ config }) => {
    someRouteHasOptions ||= (config as { cors?: unknown } | undefined)?.cors !== undefined
  })

  app.addHook('onRequest', function addCorsHeaders (request, reply, done) {
    const { raw } = request
    const own = someRouteHasOptions ? (request.routeOptions.config as { cors?: unknown } | undefined)?.cors : undefined
    if (own === false) return done()
    addHeaders(reply.raw)
    if (raw.method === 'OPTIONS' || own !== undefined) return whole.call(app, request, reply, done)
    // A list of origins needs no promise, no pattern and no options of its own for each request.
    const { origin } = raw.headers
    if (!reply.hasHeader('vary')) reply.header('vary', 'Origin')
    if (matches(origin)) {
      reply.header('access-control-allow-origin', origin)
      for (const name in headers) reply.header(name, headers[name])
    }
    done()
  })
}
