import type { FastifyInstance, FastifyRequest } from 'fastify'
import { errors } from '../errors.js'
import { refuseAssignment } from '../internal/reserved-names.js'
import type { AccessOptions, Claims } from '../options.js'
import { callerKey, nobody } from './verify-token.js'

const bearer = { 'www-authenticate': 'Bearer' }

function tooEarly (request: FastifyRequest, hook: AccessOptions['hook']): string {
  const where = `request.userId was read on ${request.method} ${request.routeOptions.url ?? 'an unknown path'} before app.verifyToken ran`
  if (hook === false) {
    return `${where}: the hook option is false, so the route has to name it, as in { onRequest: app.verifyToken }`
  }
  return (
    `${where}: it runs in ${hook}, and the order is onRequest, preParsing, preValidation, preHandler, handler; ` +
    (hook === 'preHandler' ? "set hook: 'onRequest', or read it later" : 'read it later')
  )
}

/**
 * Decorates `request.userId` and `request.organizationId`, which throw rather than lie, and `request.claims`.
 */
export function decorateCaller (
  app: FastifyInstance,
  hook: AccessOptions['hook'],
  challenge: (error: unknown) => void = () => {}
): void {
  // One slot of one kind for each request; the two names are getters on the prototype.
  app.decorateRequest<null, typeof callerKey>(callerKey, null)

  app.decorateRequest('userId', {
    setter: refuseAssignment('userId'),
    getter (this: FastifyRequest): string {
      const caller = this[callerKey]
      if (caller !== null && caller !== nobody) return caller.userId
      throw unverified(this, caller)
    }
  })

  app.decorateRequest('organizationId', {
    setter: refuseAssignment('organizationId'),
    getter (this: FastifyRequest): string | null {
      const caller = this[callerKey]
      if (caller !== null && caller !== nobody) return caller.organizationId ?? null
      throw unverified(this, caller)
    }
  })

  function unverified (request: FastifyRequest, caller: typeof nobody | null): Error {
    const message = caller === nobody ? undefined : tooEarly(request, hook)
    if (message !== undefined) request.log.warn(message)
    const details =
      message === undefined ? { reason: 'unverified' } : { reason: 'hook_order', cause: new Error(message) }
    const error = new errors.Unverified(undefined, { ...details, headers: bearer })
    challenge(error)
    return error
  }

  app.decorateRequest('claims', {
    setter: refuseAssignment('claims'),
    getter (this: FastifyRequest): Claims | null {
      const caller = this[callerKey]
      return caller === null || caller === nobody ? null : caller.claims
    }
  })
}
