import type { FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import type { ClientAddress } from './client-address.js'

/** What the request itself does not say. */
export interface KnownFacts {
  /** Scheme and host of Better Auth's `baseURL`. Default: those of the request. */
  origin?: string
  /** Where Better Auth reads the client's address, and what stands there. Default `request.ip` in `x-forwarded-for`. */
  address?: ClientAddress
  /** Aborted when the client goes away. Default never. */
  signal?: AbortSignal
}

// Anybody can write these. Fastify has read them already where `trustProxy` says so, and its reading goes on instead.
const forwardedHeaders = [
  'forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-proto',
  'x-real-ip', 'x-client-ip'
]

// They speak of the connection that ends here (RFC 9110 section 7.6.1).
const connectionHeaders = new Set([
  'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect'
])

/**
 * The request as Better Auth takes it: same method, path, query, headers and body, and `request.ip` as the one
 * client address in it.
 *
 * @throws {errors.InvalidArgument} 400, when the `Host` header or another is not what HTTP allows
 */
export function toWebRequest (request: FastifyRequest, known: KnownFacts = {}): Request {
  const url = (known.origin ?? requestOrigin(request)) + pathOf(request.url)
  const body = request.method === 'GET' || request.method === 'HEAD' ? undefined : request.body as Buffer | undefined
  try {
    return new Request(url, {
      method: request.method,
      headers: webHeaders(request, known.address ?? requestAddress),
      body: body?.length ? new Uint8Array(body) : undefined,
      signal: known.signal
    })
  } catch (cause) {
    throw new errors.InvalidArgument('The request is not well-formed', { cause })
  }
}

const requestAddress: ClientAddress = { headers: ['x-forwarded-for'], read: ({ ip }) => ip || undefined }

function webHeaders (request: FastifyRequest, address: ClientAddress): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(request.headers)) {
    // HTTP/2 has its pseudo-headers among them (`:path`).
    if (value === undefined || name.startsWith(':') || connectionHeaders.has(name)) continue
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one)
  }
  for (const name of [...forwardedHeaders, ...address.headers]) headers.delete(name)
  for (const name of address.headers) {
    const value = address.read(request, name)
    if (value !== undefined) headers.set(name, value)
  }
  if (request.host) headers.set('host', request.host)
  return headers
}

function requestOrigin (request: FastifyRequest): string {
  // HTTP/1.0 knows no Host header.
  const host = request.host || 'localhost'
  const origin = `${request.protocol === 'https' ? 'https' : 'http'}://${host}`
  if (/[/\\?#@\s]/.test(host) || !URL.canParse(origin)) {
    throw new errors.InvalidArgument('The Host header is not a host')
  }
  return origin
}

// A request line may hold a whole URL (RFC 9112 section 3.2.2); its host is not ours to believe.
function pathOf (target: string): string {
  return target.replace(/^https?:\/\/[^/?#]*/i, '')
}
