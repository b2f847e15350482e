import type { FastifyRequest } from 'fastify'

const utf8 = new TextDecoder('utf-8', { fatal: true })
const beyondAscii = /[\u0080-\u00ff]/

/** Fastify's request line, with the text a client meant instead of its bytes. */
export function requestLine (request: FastifyRequest): Record<string, unknown> {
  return {
    method: request.method,
    url: decodeBytes(request.url),
    version: decodeBytes(request.headers?.['accept-version']),
    host: decodeBytes(request.host),
    remoteAddress: request.ip,
    remotePort: request.socket?.remotePort
  }
}

/**
 * The UTF-8 text behind a string of bytes. Node hands out a URL's and a header's bytes as one character each (latin1), so that
 * an emoji looks like four accented letters. What is not UTF-8 stays as it is.
 */
export function decodeBytes<Value> (value: Value): Value | string {
  if (typeof value !== 'string' || !beyondAscii.test(value)) return value
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch {
    return value
  }
}

/** {@link decodeBytes} for each value of a headers object; others pass. */
export function decodeHeaders (headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return headers
  return Object.fromEntries(Object.entries(headers).map(([name, value]) =>
    [name, Array.isArray(value) ? value.map(decodeBytes) : decodeBytes(value)]))
}
