import type { FastifyInstance, FastifyRequest } from 'fastify'

type Serializer = (request: FastifyRequest) => unknown

const serializers = Symbol.for('pino.serializers')

/**
 * The path and the names of the query of a request to Better Auth, which carries tokens in both: the reset link in its
 * path, others as `token`, `code`, `state`, `id` and whatever a plugin calls it.
 */
export function privateUrl (url: string): string {
  const [path = '', query] = url.split(/\?(.*)/s)
  const hidden = path.replace(/(\/reset-password\/)[^/]+/gi, '$1[redacted]')
  if (query === undefined) return hidden
  return `${hidden}?${query.split('&').map((pair) => pair.replace(/=.*/s, '=[redacted]')).join('&')}`
}

/** The app's own `req` serializer, or Fastify's, for requests to Better Auth: it reads a URL without tokens. */
export function privateRequestLine (app: FastifyInstance): Serializer {
  const { req } = (app.log as { [serializers]?: { req?: Serializer } })[serializers] ?? {}
  const serialize = req ?? (({ method, url, ip }: FastifyRequest) => ({ method, url, remoteAddress: ip }))
  return (request) => serialize(withUrl(request, privateUrl(request.url)))
}

/** The request itself in all but its URL, which a serializer may read in four places. */
function withUrl (request: FastifyRequest, url: string): FastifyRequest {
  const value = { value: url, enumerable: true }
  return Object.create(request, {
    url: value,
    originalUrl: value,
    raw: { value: Object.create(request.raw, { url: value }) },
    query: { value: {} },
    params: { value: {} }
  })
}
