import type { FastifyRequest } from 'fastify'
import { invalidToken, missingToken } from './challenge.js'

/** Longest token read, in bytes: 8 KiB. */
const maxTokenLength = 8192

// RFC 9110 section 11.4: the scheme is a token, so `Bearer,` or `Bearer:` is a malformed Bearer, `BearerX` another
// scheme.
const bearerScheme = /^bearer(?![\w!#$%&'*+.^`|~-])/i
const joinedBearer = /,[ \t]*bearer(?:[ \t]|$)/i
const token68 = /^[\w.~+/-]+=*$/

/**
 * Reads the request's `Authorization` value, and refuses a request that carries more than one: Node keeps the first
 * of several, a proxy before it may have checked the last.
 * @throws {errors.MissingToken} without one, {@link errors.InvalidToken} with several
 */
export function authorizationValue (request: FastifyRequest): string {
  const value: unknown = request.headers.authorization
  if (value === undefined) throw missingToken('no_authorization')
  if (typeof value !== 'string' || isRepeated(request.raw.rawHeaders)) throw invalidToken('repeated_authorization')
  if (value === '') throw missingToken('no_authorization')
  return value
}

/**
 * Takes the token out of an `Authorization` value (RFC 6750 section 2.1); the scheme is case-insensitive.
 * @throws {errors.MissingToken} for another scheme or a bare `Bearer`, {@link errors.InvalidToken} for what cannot be
 * one token
 */
export function bearerToken (authorization: string): string {
  if (!bearerScheme.test(authorization)) {
    if (joinedBearer.test(authorization)) throw invalidToken('repeated_authorization')
    throw missingToken('other_scheme')
  }
  const rest = authorization.slice(6)
  const token = trimSpaces(rest)
  if (token === '') throw missingToken('empty_bearer')
  if (rest.charCodeAt(0) !== 0x20) throw invalidToken('malformed_authorization')
  if (token.length > maxTokenLength) throw invalidToken('too_large')
  if (!token68.test(token)) throw invalidToken('malformed_authorization')
  return token
}

function isRepeated (rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === 13 && name.toLowerCase() === 'authorization' && ++count > 1) return true
  }
  return false
}

// By hand: a trailing-space regular expression is quadratic in the spaces inside.
function trimSpaces (text: string): string {
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charCodeAt(start))) start++
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}

function isSpace (code: number): boolean {
  return code === 0x20 || code === 0x09
}
