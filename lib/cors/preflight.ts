import fastifyCors, { type FastifyCorsOptions } from '@fastify/cors'
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from 'fastify'
import { preflightFlag, type CorsOptions } from './cors-options.js'

// What it sets for a preflight only.
const preflightHeaders = ['access-control-allow-methods', 'access-control-allow-headers', 'access-control-max-age']

/**
 * Registers @fastify/cors and hands out its hook instead of adding it: for preflights and routes with options of their
 * own it is run, for the rest there is a shorter way.
 */
export function corsHook (app: FastifyInstance, options: FastifyCorsOptions): onRequestHookHandler {
  let hook: onRequestHookHandler | undefined
  const facade = {
    decorateRequest: app.decorateRequest.bind(app),
    options: app.options.bind(app),
    addHook: (_name: string, added: onRequestHookHandler) => { hook = added }
  }
  fastifyCors(facade as never, options, (error) => { if (error !== undefined) throw error })
  return hook!
}

/**
 * Ends what @fastify/cors began, which takes every `OPTIONS` of a listed origin for a preflight: one that asks about no
 * method is the app's to handle (Fetch standard, section CORS-preflight request).
 */
export function createPreflightHook (options: CorsOptions): onRequestHookHandler {
  return function respondToPreflight (request: FastifyRequest & { [preflightFlag]?: boolean }, reply, done) {
    if (request[preflightFlag] !== true) return done()
    // A route may have options of its own, which @fastify/cors has heeded for the rest.
    const { cors } = request.routeOptions.config as { cors?: CorsOptions }
    const { optionsSuccessStatus = 204, preflightContinue, strictPreflight, cacheControl } = { ...options, ...cors }
    if (strictPreflight === undefined && !request.headers['access-control-request-method']) {
      request[preflightFlag] = false
      for (const name of preflightHeaders) reply.removeHeader(name)
      if (cacheControl !== undefined) reply.removeHeader('cache-control')
      return done()
    }
    if (preflightContinue === true) return done()
    // Safari waits for a body without the length.
    reply.code(optionsSuccessStatus).header('content-length', '0').send()
  }
}
