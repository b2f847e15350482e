import { STATUS_CODES } from 'node:http'
import { AuthIntegrationError } from '../errors.js'
import { withoutQuotedValues, withoutValues } from '../internal/without-values.js'
import { sendableHeaders } from './sendable-headers.js'
import { postgresResponse, type PostgresFacts } from './postgres-errors.js'

/** How a failure looks to the client, and the one sentence the log gets. */
export interface ErrorResponse {
  status: number
  /** Becomes the body, `{ "detail": … }`. */
  detail: string
  headers?: Record<string, string>
  /** What the log line says. */
  message: string
  /** What PostgreSQL said, for the log. */
  facts?: PostgresFacts
}

/** Seconds after which a client may ask again when the database was away. */
const retryAfter = '5'

/**
 * Turns whatever was thrown into a response. Only sentences meant for clients get into `detail`: those of this package,
 * those of validation, and those of errors that carry a 4xx status of their own (or `expose: true`, as http-errors has
 * it).
 * @param set the status the handler had set before it threw; taken where the error says nothing better
 */
export function toErrorResponse (error: unknown, set = 200): ErrorResponse {
  try {
    return readError(error, set)
  } catch {
    // A property of it throws when it is read.
    return { status: 500, detail: phrase(500), message: 'Something was thrown that cannot be read' }
  }
}

function readError (error: unknown, set: number): ErrorResponse {
  if (error instanceof AuthIntegrationError) {
    const message = error.reason === undefined ? error.message : `${error.message}: ${error.reason}`
    const { statusCode: status, detail, headers } = error
    return { status, detail, headers, message: withoutQuotedValues(message) }
  }
  const own = statusOf(error)
  if (own !== undefined) return appResponse(error, own)
  const postgres = postgresResponse(error)
  if (postgres !== undefined) {
    return postgres.status === 503 ? { ...postgres, headers: { 'retry-after': retryAfter } } : postgres
  }
  return appResponse(error, isErrorStatus(set) ? set : 500)
}

/** The standard words for a status (RFC 9110 section 15). */
export function phrase (status: number): string {
  return STATUS_CODES[status] ?? (status < 500 ? 'Bad Request' : 'Internal Server Error')
}

/** The status that an error brings itself: the app's, Fastify's, http-errors'. */
function statusOf (error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined
  const { statusCode, status } = error as Record<string, unknown>
  return [statusCode, status].find(isErrorStatus)
}

function appResponse (thrown: unknown, status: number): ErrorResponse {
  const error = withoutValues(thrown)
  const message = messageOf(error)
  const { expose, headers } = (typeof error === 'object' && error !== null ? error : {}) as Record<string, unknown>
  // A 5xx usually quotes whatever failed underneath, so it has to say that its text is meant for clients.
  const shown = typeof expose === 'boolean' ? expose : status < 500 && error instanceof Object
  return { status, detail: (shown && message) || phrase(status), headers: sendableHeaders(headers), message }
}

function isErrorStatus (status: unknown): status is number {
  return Number.isInteger(status) && Number(status) >= 400 && Number(status) <= 599
}

function messageOf (error: unknown): string {
  if (typeof error === 'object' && error !== null && (error instanceof Error || 'message' in error)) {
    return typeof error.message === 'object' ? '' : String(error.message)
  }
  return `Something was thrown that is no Error, of type ${error === null ? 'null' : typeof error}`
}
