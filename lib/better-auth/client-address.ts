import type { FastifyInstance, FastifyRequest } from 'fastify'

/** What is read of Better Auth's `advanced` options about addresses and proxies. */
export interface AddressOptions {
  ipAddress?: { ipAddressHeaders?: string[], trustedProxies?: string[], disableIpTracking?: boolean }
  trustedProxyHeaders?: boolean
}

/** How Better Auth learns the client's address: the headers it reads, and what stands in them. */
export interface ClientAddress {
  headers: string[]
  read (request: FastifyRequest, header: string): string | undefined
}

const remedy = 'create the server with fastify({ trustProxy }), which says whose forwarded headers count'

/**
 * The address that Better Auth limits sign-ins by is `request.ip`, not a header that any client can write. Its own
 * `trustedProxies` are heeded: the socket's address comes last in the chain, so that Better Auth takes proxies that it
 * knows off the end and stops at the first other. What has no effect is said once, when the app starts.
 */
export function clientAddress (
  app: FastifyInstance, { ipAddress, trustedProxyHeaders }: AddressOptions, hasBaseURL: boolean
): ClientAddress {
  const { ipAddressHeaders, trustedProxies = [], disableIpTracking } = ipAddress ?? {}
  const headers = (ipAddressHeaders ?? ['x-forwarded-for']).map((name) => name.toLowerCase())
  // Fastify's request has `ips` with trustProxy alone.
  const trusts = app.hasRequestDecorator('ips')
  if (!trusts && ipAddressHeaders !== undefined && trustedProxies.length === 0 && disableIpTracking !== true) {
    app.log.warn(`Better Auth's advanced.ipAddress.ipAddressHeaders (${headers.join(', ')}) is not read, ` +
      `since clients can write it: set advanced.ipAddress.trustedProxies beside it, or ${remedy}`)
  }
  if (!trusts && trustedProxyHeaders === true && !hasBaseURL) {
    app.log.warn(`Better Auth's advanced.trustedProxyHeaders has no effect when mounted: set its baseURL, or ${remedy}`)
  }
  if (trusts || trustedProxies.length === 0) return { headers, read: trusts ? ownAddress : warningOnce(app) }
  return { headers, read: (request, header) => [request.headers[header], request.ip].flat().filter(Boolean).join(', ') }
}

// Over a Unix socket there is no address.
const ownAddress = ({ ip }: FastifyRequest): string | undefined => ip || undefined

/** Behind a proxy that the server was not told of, all clients have the proxy's address, and one limit of sign-ins. */
function warningOnce (app: FastifyInstance): ClientAddress['read'] {
  let warned = false
  return (request) => {
    if (!warned && request.headers['x-forwarded-for'] !== undefined) {
      warned = true
      app.log.warn('Requests to Better Auth have X-Forwarded-For, which is not read: ' +
        `behind a proxy all clients share one address and one limit of sign-ins; ${remedy}`)
    }
    return ownAddress(request)
  }
}
