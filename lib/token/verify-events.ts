import { channel } from 'node:diagnostics_channel'
import { AuthIntegrationError } from '../errors.js'
import type { Authenticate, VerifiedToken } from '../types.js'

/** What a subscriber of {@link verifyChannel} receives; never the token, nor anything read from it. */
export interface VerifyEvent {
  outcome: 'verified' | 'missing' | 'expired' | 'invalid' | 'revoked' | 'unavailable' | 'failed'
  /** Why it was not `verified`: one of the reasons in docs/authentication.md. */
  reason: string | undefined
  /** Milliseconds from the header to the result. */
  duration: number
}

/** `diagnostics_channel` that receives each verification. */
export const verifyChannel = channel('fastify-auth-integration:verify')

const outcomes: Readonly<Record<string, VerifyEvent['outcome']>> = {
  FAI_MISSING_TOKEN: 'missing',
  FAI_TOKEN_EXPIRED: 'expired',
  FAI_INVALID_TOKEN: 'invalid',
  FAI_TOKEN_REVOKED: 'revoked',
  FAI_KEY_SET_UNAVAILABLE: 'unavailable',
  FAI_REVOCATION_UNAVAILABLE: 'unavailable'
}

/** Publishes every call on {@link verifyChannel}; without a subscriber it costs one property read. */
export function withVerifyEvents (authenticate: Authenticate): Authenticate {
  return function observed (request) {
    if (!verifyChannel.hasSubscribers) return authenticate(request)
    const start = performance.now()
    let result
    try {
      result = authenticate(request)
    } catch (error) {
      publish(start, error)
      throw error
    }
    if (result instanceof Promise) return settled(result, start)
    publish(start)
    return result
  }
}

async function settled (answer: Promise<VerifiedToken>, start: number): Promise<VerifiedToken> {
  try {
    const verified = await answer
    publish(start)
    return verified
  } catch (error) {
    publish(start, error)
    throw error
  }
}

function publish (start: number, error?: unknown): void {
  const known = error instanceof AuthIntegrationError ? error : undefined
  const event: VerifyEvent = {
    outcome: error === undefined ? 'verified' : outcomes[known?.code ?? ''] ?? 'failed',
    reason: known?.reason,
    duration: performance.now() - start
  }
  verifyChannel.publish(event)
}
