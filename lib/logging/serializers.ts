import type { FastifyRequest } from 'fastify'
import { causesOf } from '../internal/root-cause.js'
import { withoutValues } from '../internal/without-values.js'

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
 * The UTF-8 text behind a string of bytes. Node hands out a URL's and a header's bytes as one character each (latin1),
 * so that an emoji looks like four accented letters. What is not UTF-8 stays as it is.
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

/**
 * An error as pino writes it, its causes behind it, without the values that a statement was sent with.
 */
export function errorFields (thrown: unknown): unknown {
  const error = withoutValues(thrown)
  const causes = causesOf(error)
  if (typeof causes[0]?.message !== 'string') return error
  const fields: Record<string, unknown> = {
    type: typeof causes[0].constructor === 'function' ? causes[0].constructor.name : causes[0].name,
    message: causes.map(({ message }) => message).join(': '),
    stack: causes.map(({ stack }) => stack).join('\ncaused by: ')
  }
  for (const [name, value] of Object.entries(causes[0])) {
    if (name === 'cause' || name in fields) continue
    if (name === 'errors' && Array.isArray(value)) fields.aggregateErrors = value.map(errorFields)
    else fields[name] = value instanceof Error ? errorFields(value) : value
  }
  return fields
}

// Deeper than pino writes by itself.
const deepest = 5

/** What is logged, with each error in it cleaned, under whatever name, in lists and plain objects too. */
export function cleanErrors (line: Record<string, unknown>): Record<string, unknown> {
  return clean(line, 0) as Record<string, unknown>
}

function clean (value: unknown, depth: number): unknown {
  if (value instanceof Error) return withoutValues(value)
  if (depth > deepest || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    const items = value.map((item) => clean(item, depth + 1))
    return items.every((item, index) => item === value[index]) ? value : items
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && prototype !== Object.prototype) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, clean(inner, depth + 1)] as const)
  const unchanged = entries.every(([name, inner]) => inner === (value as Record<string, unknown>)[name])
  return unchanged ? value : Object.fromEntries(entries)
}
