import type { FastifyReply } from 'fastify'
import { validateHeaderName, validateHeaderValue } from 'node:http'

// They describe a body, and the body is ours: an error of an HTTP client brings those of another response.
const framing: ReadonlySet<string> = new Set([
  'content-length', 'content-encoding', 'content-type', 'transfer-encoding', 'connection', 'trailer'
])

/**
 * The headers an error brings, without those that Node would refuse to send (a line break) or that describe another
 * body.
 */
export function sendableHeaders (headers: unknown): Record<string, string> | undefined {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return undefined
  const sendable = Object.entries(headers)
    .filter(([name, value]) => !framing.has(name.toLowerCase()) && isSendable(name, value))
  return Object.fromEntries(sendable)
}

/** Takes off what the handler had set and Node would refuse to send: the response to an error must not fail by it. */
export function dropUnsendable (reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (!isSendable(name, value)) reply.removeHeader(name)
  }
}

function isSendable (name: string, value: unknown): boolean {
  try {
    validateHeaderName(name)
    for (const one of [value].flat()) {
      if (typeof one !== 'string' && typeof one !== 'number') return false
      validateHeaderValue(name, String(one))
    }
    return true
  } catch {
    return false
  }
}
