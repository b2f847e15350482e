import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import type { RouteAccess } from '../types.js'
import type { TestIssuer } from './test-issuer.js'

/** Where a test's tokens come from. */
export interface TokenSource {
  /** Default: the app's own secret, through `app.jwt`. */
  issuer?: Pick<TestIssuer, 'token'>
  /** Claims beside the user's, such as `iss` and `aud` when the app checks them. */
  claims?: Record<string, unknown>
}

/** A Fastify app, whatever its server, logger and type provider. */
export interface TestedApp {
  ready (): PromiseLike<unknown>
  inject (options: InjectOptions): Promise<LightMyRequestResponse>
  hasDecorator (name: string): boolean
  routeAccess (): RouteAccess[]
}

interface Signing { jwt?: { sign: (payload: object, options?: { expiresIn: string }) => string } }

/**
 * A token that the app takes for this user.
 * @throws {TypeError} when the app has no secret and no issuer was given
 */
export function mintToken (app: TestedApp, userId: string, { issuer, claims = {} }: TokenSource = {}): string {
  if (issuer !== undefined) return issuer.token(userId, { claims })
  const { jwt } = app as TestedApp & Signing
  if (jwt === undefined) {
    throw new TypeError('The app has no secret to sign with: pass an issuer, as in injectAs(app, userId, { issuer })')
  }
  return jwt.sign({ user_id: userId, ...claims }, { expiresIn: '15m' })
}

/**
 * `app.inject` as a signed-in user: the returned function takes what `app.inject` takes.
 * @example
 * const asAlice = injectAs(app, 'alice')
 * const response = await asAlice('/me')
 */
export function injectAs (
  app: TestedApp, userId: string, source?: TokenSource
): (request: InjectOptions | string) => Promise<LightMyRequestResponse> {
  return async (request) => {
    await app.ready()
    const options = typeof request === 'string' ? { url: request } : request
    const authorization = `Bearer ${mintToken(app, userId, source)}`
    return await app.inject({ ...options, headers: { authorization, ...options.headers } })
  }
}
