import type { TokenOptions } from '../options.js'
import { parseVersionedSecrets } from './versioned-secrets.js'

/** Shortest secret, in bytes of UTF-8: HS256 wants a key of its hash's size (RFC 7518 section 3.2). */
const minSecretBytes = 32

const publishedDefault = 'better-auth-secret-12345678901234567890'
const howToMake = 'make one with: openssl rand -base64 32'

/**
 * Finds and checks the secrets: the `secret` option, else, when `jwks` is not given either, the environment's
 * `BETTER_AUTH_SECRETS` (Better Auth's own format, `2:new,1:old`) or `BETTER_AUTH_SECRET`. The first is current.
 * Answers an empty list when only a key set is used.
 * @throws {TypeError} saying which secret is wrong and what to do
 */
export function parseSecrets (options: TokenOptions, env: NodeJS.ProcessEnv = process.env): string[] {
  if (options.secret !== undefined) {
    if (!Array.isArray(options.secret)) return [checkSecret(options.secret, '"secret"')]
    if (options.secret.length === 0) {
      throw new TypeError('"secret" is an empty list: give the current secret first, then those being retired')
    }
    return checkList(options.secret.map((secret, index) => checkSecret(secret, `"secret" number ${index + 1}`)), '"secret"')
  }
  if (options.jwks !== undefined) return []
  if (env['BETTER_AUTH_SECRETS']) {
    if (env['BETTER_AUTH_SECRETS'].trim() === '') throw new TypeError('BETTER_AUTH_SECRETS is blank: write it as 2:new,1:old, or unset it')
    const entries = parseVersionedSecrets(env['BETTER_AUTH_SECRETS'])
    return checkList(entries.map(({ version, value }) =>
      checkSecret(value, `version ${version} in BETTER_AUTH_SECRETS`)), 'BETTER_AUTH_SECRETS')
  }
  if (env['BETTER_AUTH_SECRET']) return [checkSecret(env['BETTER_AUTH_SECRET'], 'BETTER_AUTH_SECRET')]
  throw new TypeError('There is nothing to verify tokens with: set BETTER_AUTH_SECRET, or give the "secret" or the "jwks" option')
}

function checkSecret (secret: unknown, name: string): string {
  if (typeof secret !== 'string') throw new TypeError(`${name} must be a string or a list of strings`)
  if (secret.trim() === '') throw new TypeError(`${name} is blank: ${howToMake}`)
  if (secret.trim() !== secret) {
    throw new TypeError(`${name} has white space around it, which is part of the key: remove it here and where tokens are signed`)
  }
  if (secret === publishedDefault) {
    throw new TypeError(`${name} is Better Auth's published development default, which everyone knows: ${howToMake}`)
  }
  if (looksLikeKey(secret)) {
    throw new TypeError(`${name} looks like a PEM or JWK key; HS256 takes a random secret. For an asymmetric issuer use the "jwks" option`)
  }
  if (/\p{Surrogate}/u.test(secret)) throw new TypeError(`${name} is not well-formed Unicode: ${howToMake}`)
  const bytes = Buffer.byteLength(secret)
  if (bytes < minSecretBytes) {
    throw new TypeError(`${name} has ${bytes} bytes and HS256 needs at least ${minSecretBytes}: ${howToMake}`)
  }
  return secret
}

// A public key is public: taken as an HMAC secret, it would let anyone sign.
function looksLikeKey (secret: string): boolean {
  if (/-----BEGIN [A-Z0-9 ]+-----/.test(secret)) return true
  if (!/^[[{"]/.test(secret)) return false
  try {
    JSON.parse(secret)
    return true
  } catch {
    return false
  }
}

function checkList (secrets: string[], name: string): string[] {
  if (new Set(secrets).size !== secrets.length) throw new TypeError(`${name} lists the same secret twice: remove one`)
  return secrets
}
