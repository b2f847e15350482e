import type { FastifyReply } from 'fastify'

// Fastify frames the body anew; the others are added to what is there.
const notCopied = new Set([
  'set-cookie', 'connection', 'content-length', 'transfer-encoding', 'vary', 'access-control-expose-headers'
])

/**
 * Puts Better Auth's headers on the response, one by one: cookies are added to those set already, `Vary` and the
 * exposed headers are merged, and any other CORS header that is there already stays.
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
  for (const name of ['vary', 'access-control-expose-headers']) {
    const value = headers.get(name)
    if (value !== null) reply.header(name, merged(reply.getHeader(name), value))
  }
}

/** Two lists of names, each name once. */
function merged (there: unknown, more: string): string {
  const names = `${String(there ?? '')},${more}`.split(',').map((name) => name.trim()).filter((name) => name !== '')
  const lowerCase = names.map((name) => name.toLowerCase())
  return names.filter((_name, index) => lowerCase.indexOf(lowerCase[index]!) === index).join(', ')
}
