import type { OutgoingHttpHeaders } from 'node:http'
import type { FastifyReply } from 'fastify'

type Raw = FastifyReply['raw']
type WriteHead = (this: Raw, status: number, reason?: unknown, headers?: unknown) => Raw

/** The CORS headers of a response to a request with this `Origin`, none for one that may not call. */
export type CorsHeaders = (origin: string | undefined) => Readonly<Record<string, string>> | undefined

/** Names in a list that a comma separates. */
export function namesIn (value: string | string[] | undefined): string[] {
  const names = [value ?? []].flat().flatMap((text) => text.split(','))
  return names.map((name) => name.trim()).filter((name) => name !== '')
}

/**
 * Makes what a response's `writeHead` becomes, so that its head has the CORS headers whoever writes it: Fastify, a
 * handler by `reply.raw`, or Node itself. Responses may differ by `Origin`, and a cache has to know: what a handler, a
 * hook or a `Response` sets in `Vary` comes beside it, not in its place (RFC 9110 section 12.5.5). Any other header
 * that is there already stays.
 */
export function headWriter (headersFor: CorsHeaders): (raw: Raw) => void {
  const own = writer(headersFor, (raw) => Object.getPrototypeOf(raw).writeHead)
  return (raw) => {
    // A hook before ours may have a writer of its own, which comes after this one.
    const { writeHead } = raw as unknown as { writeHead: WriteHead }
    const added = Object.hasOwn(raw, 'writeHead') ? writer(headersFor, () => writeHead) : own
    ;(raw as unknown as { writeHead: WriteHead }).writeHead = added
  }
}

function writer (headersFor: CorsHeaders, next: (raw: Raw) => WriteHead): WriteHead {
  return function writeHead (status, reason, headers) {
    const given = typeof reason === 'string' ? headers : reason
    const cors = headersFor(this.req.headers.origin)
    // What Fastify writes has them already.
    if (isComplete(given, cors)) return next(this).call(this, status, reason, headers)
    const all = { ...this.getHeaders(), ...objectOf(given) }
    const complete = withCors(all, cors)
    if (typeof reason === 'string') return next(this).call(this, status, reason, complete)
    return next(this).call(this, status, complete)
  }
}

function isComplete (given: unknown, cors: Readonly<Record<string, string>> | undefined): boolean {
  const { vary, 'access-control-allow-origin': allowed } = (given ?? {}) as Record<string, unknown>
  return vary === 'Origin' && (cors === undefined || allowed !== undefined)
}

function withCors (headers: OutgoingHttpHeaders, cors: Readonly<Record<string, string>> = {}): OutgoingHttpHeaders {
  const names = namesIn(headers.vary as string | string[] | undefined)
  const varies = names.some((name) => name === '*' || name.toLowerCase() === 'origin')
  return { ...cors, ...headers, vary: varies ? names.join(', ') : [...names, 'Origin'].join(', ') }
}

/**
 * Headers as an object with names in lower case, from what Node's `writeHead` takes: an object, a list of pairs, or
 * names and values in turn.
 */
function objectOf (given: unknown): OutgoingHttpHeaders {
  if (typeof given !== 'object' || given === null) return {}
  const headers: Record<string, string | string[]> = {}
  for (const [name, value] of pairsOf(given)) {
    const key = name.toLowerCase()
    headers[key] = Object.hasOwn(headers, key) ? [headers[key]!, value].flat() : value
  }
  return headers
}

function pairsOf (given: object): Array<[string, string | string[]]> {
  if (!Array.isArray(given)) return Object.entries(given)
  if (Array.isArray(given[0])) return given
  return Array.from({ length: given.length / 2 }, (_, index) => [given[2 * index], given[2 * index + 1]])
}
