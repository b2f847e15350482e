import type { FastifyReply } from 'fastify'

// Fastify frames the body anew, and which headers browsers may read is the CORS room's word.
const notCopied = new Set(['set-cookie', 'vary', 'connection', 'content-length', 'transfer-encoding', 'access-control-expose-headers'])

/**
 * Puts Better Auth's headers on the answer, one by one: cookies are added to those set already, `Vary` is merged,
 * and a CORS header that is there already stays.
 */
export function copyHeaders (headers: Headers, reply: FastifyReply): void {
  headers.forEach((value, name) => {
    if (notCopied.has(name)) return
    if (name.startsWith('access-control-') && reply.hasHeader(name)) return
    reply.header(name, value)
  })
  // Each on a line of its own: joined by commas they are one broken cookie (RFC 6265 section 3).
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) reply.header('set-cookie', cookies)
  const vary = headers.get('vary')
  if (vary !== null) reply.header('vary', reply.hasHeader('vary') ? `${String(reply.getHeader('vary'))}, ${vary}` : vary)
}
