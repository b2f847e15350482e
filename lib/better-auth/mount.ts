import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import { rootCause } from '../internal/root-cause.js'
import type { BetterAuthInstance } from '../options.js'
import { clientAddress, type AddressOptions } from './client-address.js'
import { expectInstance, mountPath } from './instance.js'
import { privateRequestLine, privateUrl } from './private-url.js'
import { watchStorages, withFailure } from './watched-storage.js'
import { toWebRequest, type KnownFacts } from './web-request.js'
import { copyHeaders } from './web-response.js'

/** What is read of Better Auth's options. */
interface ReadOptions {
  basePath?: string
  advanced?: AddressOptions
}

/** Whether an error says that a database cannot be reached. */
export type IsUnavailable = (error: unknown) => boolean

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const retryAfter = '5'

/**
 * Serves a Better Auth instance below its base path (`/api/auth` by default) in a scope of its own: the body goes
 * through unread, the status, the headers and every `set-cookie` come back, and the client's address is
 * `request.ip`, whatever forwarded headers the client wrote. The routes are public: Better Auth does its own checks.
 * Its `baseURL` is the truth about scheme and host where it is set, the request otherwise.
 *
 * A database that cannot be reached is 503 with `Retry-After` on every endpoint, whatever Better Auth makes of it: it
 * would send 401 or an empty 500. Any other empty 500 gets a body from the app's error handler, and a line in its
 * log.
 *
 * @param isUnavailable tells whether what the database failed by is an outage; default never
 * @throws {TypeError} when `auth` is no instance; (from `app.ready()`) when the base path is the root, no plain path or
 * not below the prefix of `app`; what makes the instance fail to start stops `app.ready()` too
 * @example
 * ```ts
 * import { betterAuth } from 'better-auth'
 * import authIntegration from 'fastify-auth-integration'
 *
 * await app.register(authIntegration, { betterAuth: betterAuth({ emailAndPassword: { enabled: true } }) })
 * ```
 */
export function mountBetterAuth (
  app: FastifyInstance, auth: BetterAuthInstance, isUnavailable: IsUnavailable = () => false
): void {
  expectInstance(auth)
  app.register(async function betterAuth (scope) {
    const options: ReadOptions = auth.options
    // Better Auth builds itself in the background; what stops it stops the app here, and not each request later.
    const context = await auth.$context
    if (context !== undefined) watchStorages(context)
    const baseURL = context?.baseURL
    const basePath = baseURL ? new URL(baseURL).pathname : options.basePath ?? '/api/auth'
    const origin = baseURL ? new URL(baseURL).origin : undefined
    const address = clientAddress(scope, options.advanced ?? {}, origin !== undefined)

    // Better Auth reads the body itself; Fastify's parsers would eat it, refuse forms and refuse empty JSON.
    // What stays Fastify's is the limit: the buffer ends at its bodyLimit.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

    scope.route({
      method: methods,
      url: `${mountPath(basePath, scope.prefix)}/*`,
      config: { auth: false },
      logSerializers: { req: privateRequestLine(scope) },
      handler: async (request, reply) => await handle(request, reply, auth, isUnavailable, { origin, address })
    })
  })
}

async function handle (
  request: FastifyRequest, reply: FastifyReply,
  auth: BetterAuthInstance, isUnavailable: IsUnavailable, known: KnownFacts
): Promise<FastifyReply> {
  // Not Fastify's request.signal: that is aborted as soon as a body has been read.
  const gone = new AbortController()
  reply.raw.once('close', () => { if (!reply.raw.writableEnded) gone.abort() })
  const webRequest = toWebRequest(request, { ...known, signal: gone.signal })
  const { result: response, thrown, failure } = await withFailure(() => auth.handler(webRequest))

  // Work given up because the client went away is no failure of ours.
  if (thrown !== undefined && gone.signal.aborted) {
    throw new errors.InvalidArgument('The client went away', { cause: thrown })
  }
  const outage = [failure, thrown].find((error) => error !== undefined && isUnavailable(error))
  if (outage !== undefined) {
    throw failed(request, outage, { statusCode: 503, headers: { 'retry-after': retryAfter } })
  }
  if (response === undefined) throw refusal(thrown) ?? failed(request, thrown, { code: rootCause(thrown).code })
  copyHeaders(response.headers, reply.code(response.status))
  if (response.status < 500) return reply.send(response.body ?? undefined)
  if (failure !== undefined) throw failed(request, failure, {})
  const body = Buffer.from(await response.arrayBuffer())
  if (body.length > 0) return reply.send(body)
  // What it was, Better Auth has told its console alone.
  throw Object.assign(
    new Error(`Better Auth responded ${response.status} without a body at ${request.method} ${pathOf(request)}: ` +
      'with onAPIError: { throw: true } among its options the error itself comes here'),
    { statusCode: response.status })
}

function pathOf (request: FastifyRequest): string {
  return privateUrl(request.url.replace(/\?.*/s, ''))
}

/** What of Better Auth's rejections is the client's fault. */
function refusal (thrown: unknown): Error | undefined {
  if (!(thrown instanceof Error)) return undefined
  // It parses what it was sent with zod, and forgets to catch it for a JWT that is no verification link.
  if (thrown.name === 'ZodError') return new errors.InvalidArgument('The request is not well-formed', { cause: thrown })
  // With `baseURL: { allowedHosts }` it asks each request for its host.
  if (thrown.name === 'BetterAuthError' && /\ballowed ?hosts\b|host from request headers/i.test(thrown.message)) {
    return new errors.InvalidArgument('The Host header is not a host that is served here', { cause: thrown })
  }
}

/**
 * A new error, so that no status or message of a library underneath becomes the response; the cause tells the app's
 * error handler a value that PostgreSQL refuses from a failure of its own.
 */
function failed (request: FastifyRequest, cause: unknown, properties: object): Error {
  return Object.assign(new Error(`Better Auth failed at ${request.method} ${pathOf(request)}`, { cause }), properties)
}
