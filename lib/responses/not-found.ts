import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

/**
 * Sends 404 `{ "detail": "Not Found" }` for unknown routes, unless the app has, or will have, a not-found handler of
 * its own on this scope.
 */
export function registerNotFound (app: FastifyInstance): void {
  if (app.prefix !== '') {
    // A prefixed scope has no default to stand in for, and takes one handler.
    app.setNotFoundHandler(sendNotFound)
    return
  }
  // Options without a handler keep Fastify's default in place, so that the app may still set its own, before or after
  // us: setting a handler twice would throw. The hook responds first while the default is there, and goes with it.
  const setOptions = app.setNotFoundHandler as unknown as (options: { preHandler: typeof sendNotFound }) => void
  try {
    setOptions.call(app, { preHandler: sendNotFound })
  } catch (error) {
    // Only the app's own handler throws without a code.
    if (error instanceof Error && 'code' in error) throw error
  }
}

/**
 * Whether an error only says that the body sent to an unknown path could not be read: Fastify reads it before its 404
 * handler, and the response is 404 all the same.
 */
export function isUnreadOfUnknown (error: unknown, request: FastifyRequest): boolean {
  if (!request.is404 || !(error instanceof Error)) return false
  const { code, statusCode } = error as FastifyError
  return String(code).startsWith('FST_ERR_CTP_') || (error instanceof SyntaxError && statusCode === 400)
}

/** Sends 404 `{ "detail": "Not Found" }`. */
export function sendNotFound (request: FastifyRequest, reply: FastifyReply): void {
  request.log.info('No route matches')
  reply.code(404).type('application/json; charset=utf-8').send('{"detail":"Not Found"}')
}
