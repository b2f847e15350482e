import { constants } from 'node:http2'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { toErrorResponse } from './error-response.js'
import { sendableHeaders } from './sendable-headers.js'

/**
 * Sends the body of an error response. When an `onSend` hook fails on that one too (a session store is away), Fastify
 * hands its error to `reply.send`, and would write its `message` to the client: then the response is written past the
 * hooks.
 */
export function sendErrorBody (reply: FastifyReply, body: string): void {
  const { send } = reply
  reply.send = function (payload) {
    if (!(payload instanceof Error) || reply.sent) return send.call(reply, payload)
    writeResponse(payload, reply)
    return reply
  }
  send.call(reply, body)
}

function writeResponse (error: unknown, reply: FastifyReply): void {
  const { status, detail, headers } = toErrorResponse(error)
  if (reply.raw.headersSent) return breakOff(reply)
  const body = JSON.stringify({ detail })
  const kept = sendableHeaders({ ...reply.getHeaders(), ...headers })
  reply.hijack()
  const framing = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) }
  reply.raw.writeHead(status, { ...kept, ...framing })
  reply.raw.end(body)
}

/**
 * Ends a response whose body is half written, so that the client does not take the half for the whole: by closing the
 * connection, over HTTP/2 by an error on the stream.
 */
export function breakOff (reply: FastifyReply): void {
  reply.hijack()
  resetStream(reply.raw)
  reply.raw.destroy()
}

/**
 * Over HTTP/2 a destroyed response ends its stream as if the body were complete, also where Fastify destroys it since a
 * stream that it sends has failed. On servers of that protocol each such response ends in an error.
 */
export function endBrokenStreams (app: FastifyInstance): void {
  if (app.initialConfig.http2 !== true) return
  app.addHook('onRequest', (_request, { raw }, done) => {
    const { destroy } = raw
    raw.destroy = (error) => {
      if (raw.headersSent && !raw.writableEnded) resetStream(raw)
      return destroy.call(raw, error)
    }
    done()
  })
}

/** An error on the stream alone (RFC 9113 section 5.4.2); HTTP/1 has no streams. */
function resetStream (raw: FastifyReply['raw']): void {
  const { stream } = raw as { stream?: { close (code: number): void } }
  stream?.close(constants.NGHTTP2_INTERNAL_ERROR)
}
