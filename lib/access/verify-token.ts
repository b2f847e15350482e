import type { FastifyReply, FastifyRequest, onRequestHookHandler, preHandlerHookHandler } from 'fastify'
import { AuthIntegrationError, errors } from '../errors.js'
import type { Authenticate, RouteAuth, VerifiedToken } from '../types.js'
import { refusalOf } from './demands.js'
import { unknownPath, type RouteRule } from './route-rules.js'

/** The rule travels in the route's own config: one read for each request, and no map to keep. */
export const ruleKey = Symbol('fastify-auth-integration.rule')

/** The one slot a request has: `null` until the hook ran, then {@link nobody} or who was verified. */
export const callerKey = Symbol('fastify-auth-integration.caller')

/** The hook ran, and let the request in without a token. */
export const nobody = Symbol('nobody')

declare module 'fastify' {
  interface FastifyRequest {
    [callerKey]: VerifiedToken | typeof nobody | null
  }
  interface FastifyContextConfig {
    [ruleKey]?: RouteRule
  }
}

/** What the hook needs beyond the rules of the routes. */
export interface VerifyTokenParts {
  authenticate: Authenticate
  /** The rule of a route that was never seen being registered. */
  decideUnseen: (url: string, method: string, auth: RouteAuth | undefined) => RouteRule
  /** Adds to an error's challenge where the API says more about itself. */
  challenge?: ((error: unknown) => void) | undefined
}

/**
 * Makes the hook. It takes a callback and not a promise: a request whose token is known costs
 * next to nothing, and an `async` hook would make it wait for the next microtask all the same.
 */
export function createVerifyToken ({ authenticate, decideUnseen, challenge }: VerifyTokenParts): onRequestHookHandler {
  return function verifyToken (request, reply, done) {
    if (request[callerKey] !== null) return done()

    // Each read of routeOptions builds an object: one read.
    const { config, url, method } = request.routeOptions
    let rule = config[ruleKey]
    if (rule === undefined) rule = url === undefined ? unknownPath : decideUnseen(url, String(method), config.auth)

    if (rule.access === 'public' || (rule.opens !== null && rule.opens(request.raw.url as string))) {
      request[callerKey] = nobody
      return done()
    }
    if (rule.access === 'optional' && request.headers.authorization === undefined) {
      request[callerKey] = nobody
      return done()
    }

    let verified
    try {
      verified = authenticate(request)
    } catch (error) {
      return refuse(error, rule, request, reply, done)
    }
    if (verified instanceof Promise) {
      verified.then(
        (token) => admit(token, rule, request, reply, done),
        (error: unknown) => refuse(error, rule, request, reply, done)
      )
      return
    }
    admit(verified, rule, request, reply, done)
  }

  function admit (
    token: VerifiedToken,
    rule: RouteRule,
    request: FastifyRequest,
    reply: FastifyReply,
    done: Done
  ): void {
    if (token.actor !== undefined) request.log = reply.log = request.log.child(token.actor)
    if (!ownsAll(request, rule, token)) return done(new errors.Forbidden(undefined, { reason: 'owner' }))
    const refusal = rule.demands === null ? undefined : refusalOf(token, rule.demands)
    if (refusal !== undefined) return refuse(refusal, rule, request, reply, done)
    request[callerKey] = token
    done()
  }

  function refuse (error: unknown, rule: RouteRule, request: FastifyRequest, reply: FastifyReply, done: Done): void {
    // Only the absence of a token makes a caller anonymous; a bad one never does.
    if (rule.access === 'optional' && error instanceof errors.MissingToken) {
      request[callerKey] = nobody
      return done()
    }
    challenge?.(error)
    // Set here, since an error handler of the app's own may not read them off the error.
    if (error instanceof AuthIntegrationError && error.headers !== undefined) reply.headers(error.headers)
    done(error as Error)
  }
}

type Done = (error?: Error) => void

function ownsAll (request: FastifyRequest, { owners, organizations }: RouteRule, token: VerifiedToken): boolean {
  return holdAll(request, owners, token.userId) &&
    (organizations === undefined || holdAll(request, organizations, token.organizationId ?? null))
}

// Without an active organization no parameter holds it.
function holdAll (request: FastifyRequest, names: readonly string[], id: string | null): boolean {
  const params = request.params as Record<string, unknown>
  for (const name of names) {
    // A schema may have made a number of it; what the handler will see is what is compared.
    const value = params[name]
    if (id === null || (value !== id && (typeof value !== 'number' || String(value) !== id))) return false
  }
  return true
}

/**
 * For routes with owners whose parameters a schema may change: `042` that was compared as it came, and is 42 for the
 * handler, is somebody else. Runs after validation.
 */
export const compareOwnersAgain: preHandlerHookHandler = (request, _reply, done) => {
  const caller = request[callerKey]
  const rule = request.routeOptions.config[ruleKey]
  if (caller === null || caller === nobody || rule === undefined || ownsAll(request, rule, caller)) return done()
  done(new errors.Forbidden(undefined, { reason: 'owner' }))
}
