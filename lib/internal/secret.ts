/** Shortest secret, in bytes of UTF-8: HS256 wants a key of its hash's size (RFC 7518 section 3.2). */
const minSecretBytes = 32

// Better Auth falls back to this published text outside production: anybody can sign with it.
const publishedDefault = 'better-auth-secret-12345678901234567890'
const howToMake = 'make one with: openssl rand -base64 32'

/**
 * Checks that a secret is fit to sign and verify HS256 with, and returns it.
 * @param name what the sentence calls it, such as `BETTER_AUTH_SECRET`
 * @throws {TypeError} saying what is wrong with it and what to do
 */
export function checkSecret (secret: unknown, name: string): string {
  if (typeof secret !== 'string') throw new TypeError(`${name} must be a string or a list of strings`)
  if (secret.trim() === '') throw new TypeError(`${name} is blank: ${howToMake}`)
  if (secret.trim() !== secret) {
    throw new TypeError(
      `${name} has white space around it, which is part of the key: remove it here and where tokens are signed`
    )
  }
  if (secret === publishedDefault) {
    throw new TypeError(`${name} is Better Auth's published development default, which everyone knows: ${howToMake}`)
  }
  if (looksLikeKey(secret)) {
    throw new TypeError(
      `${name} looks like a PEM or JWK key; HS256 takes a random secret. For an asymmetric issuer use the "jwks" ` +
      'option'
    )
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
