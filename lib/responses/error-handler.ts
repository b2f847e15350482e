import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AuthIntegrationError } from '../errors.js'
import { withoutValues } from '../internal/without-values.js'
import { toErrorResponse, type ErrorResponse } from './error-response.js'
import { breakOff, endBrokenStreams, sendErrorBody } from './last-response.js'
import { isUnreadOfUnknown, registerNotFound, sendNotFound } from './not-found.js'
import { dropUnsendable } from './sendable-headers.js'

/**
 * Sends every error below `app` as `{ "detail": … }`, unknown routes included. Error handlers and not-found handlers
 * that the app sets, on this scope or on one below, take precedence.
 */
export function registerErrorHandler (app: FastifyInstance): void {
  app.setErrorHandler(sendError)
  registerNotFound(app)
  endBrokenStreams(app)
}

function sendError (error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (isUnreadOfUnknown(error, request)) return sendNotFound(request, reply)
  const response = toErrorResponse(error, reply.statusCode)
  logError(error, request, response)
  if (reply.raw.headersSent) {
    // The status is out and the body half written: only a broken connection still says that it failed.
    breakOff(reply)
    return
  }
  dropUnsendable(reply)
  const { status, detail, headers } = response
  if (headers !== undefined) reply.headers(headers)
  // A string, because the route's response schema would drop a `detail` it does not know.
  sendErrorBody(reply.code(status).type('application/json; charset=utf-8'), JSON.stringify({ detail }))
}

function logError (error: unknown, request: FastifyRequest, response: ErrorResponse): void {
  try {
    writeError(withoutValues(error), request, response)
  } catch {
    // A getter of the error threw while the logger read it.
    request.log.error({ unreadable: true }, response.message)
  }
}

function writeError (error: unknown, request: FastifyRequest, { status, message, facts }: ErrorResponse): void {
  if (status >= 500) {
    request.log.error({ err: error, postgres: facts }, message)
  } else if (error instanceof AuthIntegrationError) {
    // A refused caller is everyday business: what and why, without a stack.
    request.log.info({ code: error.code, reason: error.reason }, message)
  } else {
    request.log.info({ err: error, postgres: facts }, message)
  }
}
