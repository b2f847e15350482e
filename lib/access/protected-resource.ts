import { inspect } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { AuthIntegrationError } from '../errors.js'
import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import type { ResourceOptions } from '../options.js'

const wellKnown = '/.well-known/oauth-protected-resource'
const names = ['url', 'authorizationServers', 'name', 'documentation']

/** This API as an OAuth protected resource (RFC 9728). */
export interface ProtectedResource {
  /**
   * Where its metadata are: the well-known path, and below it the resource's own path where it has one (section 3.1).
   */
  paths: string[]
  metadata (scopes: readonly string[]): Record<string, unknown>
  /** Names the metadata in an error's challenge (section 5.1). */
  challenge (error: unknown): void
}

/**
 * Reads the `resource` option.
 * @throws {TypeError} naming what is wrong and what it takes
 */
export function parseResource (option: ResourceOptions): ProtectedResource {
  if (typeof option !== 'object' || option === null || Array.isArray(option)) {
    throw new TypeError('"resource" must be { url, authorizationServers }, such as { url: "https://api.example.com", ' +
      'authorizationServers: ["https://auth.example.com"] }')
  }
  refuseUnknownKeys(option, names, { under: 'resource' })
  const { authorizationServers, name, documentation } = option
  const url = parseUrl('resource.url', option.url)
  if (!Array.isArray(authorizationServers) || authorizationServers.length === 0) {
    throw new TypeError('"resource.authorizationServers" must be a list of the issuers\' URLs')
  }
  const issuers = authorizationServers.map((issuer) =>
    parseUrl('resource.authorizationServers', issuer).href.replace(/\/$/, '')
  )
  if (name !== undefined && typeof name !== 'string') throw new TypeError('"resource.name" must be a name for people')
  const page = documentation === undefined ? undefined : parseUrl('resource.documentation', documentation).href

  const path = url.pathname === '/' ? '' : url.pathname.replace(/\/$/, '')
  const parameter = `resource_metadata="${url.origin}${wellKnown}${path}"`
  return {
    paths: [...new Set([wellKnown, `${wellKnown}${path}`])],
    metadata: (scopes) => ({
      // As it was written: a client compares it with the URL it knows (section 3.3).
      resource: option.url,
      authorization_servers: issuers,
      bearer_methods_supported: ['header'],
      ...(scopes.length === 0 ? null : { scopes_supported: scopes }),
      ...(name === undefined ? null : { resource_name: name }),
      ...(page === undefined ? null : { resource_documentation: page })
    }),
    challenge (error) {
      if (!(error instanceof AuthIntegrationError)) return
      const given = error.headers?.['www-authenticate']
      if (given === undefined) return
      const completed = `${given}${given === 'Bearer' ? ' ' : ', '}${parameter}`
      Object.assign(error, { headers: { ...error.headers, 'www-authenticate': completed } })
    }
  }
}

function parseUrl (name: string, value: unknown): URL {
  const url = URL.canParse(String(value)) ? new URL(String(value)) : undefined
  const isLoopback = url !== undefined && /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/.test(url.hostname)
  if (
    url === undefined ||
    !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) ||
    url.hash !== '' ||
    url.search !== ''
  ) {
    throw new TypeError(
      `"${name}" must be an https URL without query and fragment (http is for loopback only), got ${inspect(value)}`
    )
  }
  return url
}

/** Serves the metadata, open to everyone and in no API document; `scopes` is asked when the first client reads them. */
export function serveMetadata (
  app: FastifyInstance,
  resource: ProtectedResource,
  scopes: () => readonly string[]
): void {
  if (app.prefix !== '') {
    throw new TypeError(
      `"resource" needs the root of the server, and the plugin is registered under ${app.prefix}: its metadata have to be at ${wellKnown}`
    )
  }
  for (const path of resource.paths) {
    // A word of @fastify/swagger's.
    const schema: object = { hide: true }
    app.get(path, { config: { auth: false }, schema }, async () => resource.metadata(scopes()))
  }
}
