import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { expectInstance, mountPath } from './instance.js'
import { toWebRequest, type KnownFacts } from './web-request.js'
import { copyHeaders } from './web-response.js'
import { errors } from '../errors.js'
import type { BetterAuthInstance } from '../options.js'

/** What is read of Better Auth's options. */
interface ReadOptions {
  basePath?: string
  advanced?: { ipAddress?: { ipAddressHeaders?: string[] } }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/**
 * Serves a Better Auth instance below its base path (`/api/auth` by default) in a scope of its own: the body goes
 * through unread, the status, the headers and every `set-cookie` come back, and the client's address is
 * `request.ip`, whatever forwarded headers the client wrote. The routes are public: Better Auth does its own checks.
 * Its `baseURL` is the truth about scheme and host where it is set, the request otherwise.
 *
 * Better Auth answers what fails inside its endpoints itself, with an empty 500 and lines on the console. The app's error
 * handler gives such an answer a body, and logs it; with `onAPIError: { throw: true }` among Better Auth's options the
 * failure itself reaches handler and log, so that a database that is away is 503.
 *
 * @throws {TypeError} when `auth` is no instance; (from `app.ready()`) when the base path is the root, no plain path or not
 * below the prefix of `app`; what makes the instance fail to start stops `app.ready()` too
 * @example
 * ```ts
 * import { betterAuth } from 'better-auth'
 * import authIntegration from 'fastify-auth-integration'
 *
 * await app.register(authIntegration, { betterAuth: betterAuth({ emailAndPassword: { enabled: true } }) })
 * ```
 */
export function mountBetterAuth (app: FastifyInstance, auth: BetterAuthInstance): void {
  expectInstance(auth)
  app.register(async function betterAuth (scope) {
    const options: ReadOptions = auth.options
    // Better Auth builds itself in the background; what stops it stops the app here, and not each request later.
    const baseURL = (await auth.$context)?.baseURL
    const basePath = baseURL ? new URL(baseURL).pathname : options.basePath ?? '/api/auth'
    const origin = baseURL ? new URL(baseURL).origin : undefined
    const addressHeaders = options.advanced?.ipAddress?.ipAddressHeaders

    // Better Auth reads the body itself; Fastify's parsers would eat it, refuse forms and refuse empty JSON.
    // What stays Fastify's is the limit: the buffer ends at its bodyLimit.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

    scope.route({
      method: methods,
      url: `${mountPath(basePath, scope.prefix)}/*`,
      config: { auth: false },
      handler: (request, reply) => answer(request, reply, auth, { origin, addressHeaders })
    })
  })
}

async function answer (
  request: FastifyRequest, reply: FastifyReply, auth: BetterAuthInstance,
  known: KnownFacts
): Promise<FastifyReply> {
  // Not Fastify's request.signal: that is aborted as soon as a body has been read.
  const gone = new AbortController()
  reply.raw.once('close', () => { if (!reply.raw.writableEnded) gone.abort() })
  const webRequest = toWebRequest(request, { ...known, signal: gone.signal })
  let response: Response
  try {
    response = await auth.handler(webRequest)
  } catch (cause) {
    // Work given up because the client went away is no failure of ours.
    if (gone.signal.aborted) throw new errors.InvalidArgument('The client went away', { cause })
    // Better Auth parses what it was sent with zod, and forgets to catch it for a JWT that is no verification link.
    if (cause instanceof Error && cause.name === 'ZodError') throw new errors.InvalidArgument('The request is not well-formed', { cause })
    // A new error, so that no status or message of a library underneath becomes the answer. Only the driver's code
    // goes along: by it the app's error handler tells a value PostgreSQL refuses from a database that is gone.
    const error = new Error(`Better Auth failed at ${request.method} ${request.routeOptions.url}`, { cause })
    throw Object.assign(error, { code: driverCode(cause) })
  }
  copyHeaders(response.headers, reply.code(response.status))
  if (response.status >= 500) return await answerFailure(response, request, reply)
  return reply.send(response.body ?? undefined)
}

async function answerFailure (response: Response, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const body = Buffer.from(await response.arrayBuffer())
  if (body.length > 0) return reply.send(body)
  // What it was, Better Auth has told its console alone.
  const [path] = request.url.split('?')
  const error = new Error(`Better Auth answered ${response.status} without a body at ${request.method} ${path}: with onAPIError: { throw: true } among its options the error itself comes here`)
  throw Object.assign(error, { statusCode: response.status })
}

function driverCode (cause: unknown): unknown {
  if (!(cause instanceof Error)) return undefined
  // Drizzle wraps what the driver throws, with the query beside it.
  const thrower = 'query' in cause ? cause.cause : cause
  return (thrower as { code?: unknown } | undefined)?.code
}
