import type { ConnectionError, FastifyBaseLogger, FastifyError, FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'
import { phrase } from './error-response.js'

// As little of Fastify's types as is used, so that it stands in the options of any server, HTTP/2 and https too.
interface LoggedRequest { log: Pick<FastifyBaseLogger, 'info' | 'error'> }
interface SendingReply { code (status: number): any, send (...payload: any[]): any }

/**
 * Fastify's `frameworkErrors` option, for errors before a route is known: 400 for a bad percent escape, 414 for a path
 * parameter that is too long, as `{ "detail": … }`. No hook runs for them, so they carry no CORS headers.
 * @example
 * const app = fastify({ frameworkErrors, clientErrorHandler })
 */
export function frameworkErrors (error: FastifyError, request: LoggedRequest, reply: SendingReply): void {
  const status = error.statusCode ?? 500
  if (status >= 500) request.log.error({ err: error }, error.message)
  else request.log.info({ code: error.code }, 'Refused before routing')
  // Fastify's message quotes the raw path.
  reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify({ detail: phrase(status) }))
}

/**
 * Fastify's `clientErrorHandler` option, for bytes that are no HTTP request: 400, 408 when it did not arrive in time,
 * 413 when its chunk extensions and 431 when its headers are too large, as
 * `{ "detail": … }`; the connection is closed.
 */
export function clientErrorHandler (this: FastifyInstance | void, error: ConnectionError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const status = statusByCode[error.code] ?? 400
  if (this) this.log.debug({ code: error.code }, 'Refused before parsing')
  if (socket.writable) {
    const body = JSON.stringify({ detail: phrase(status) })
    socket.write(`HTTP/1.1 ${status} ${phrase(status)}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
  }
  socket.destroy(error)
}

const statusByCode: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413
}
