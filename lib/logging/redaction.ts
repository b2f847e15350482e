const redacted = '[redacted]'

// In a line of JSON an unescaped quote always delimits, so `"cookie":` can only be a key, at whatever depth.
const text = '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"'
const name = '"([\\w.-]{0,40}?(?:token|secret|password|passwd|jwt|api[_-]?key)|(?:proxy-)?authorization|(?:set-)?cookies?)"'
const list = `\\[(?:${text}(?:,${text})*)?\\]`
const record = `\\{(?:${text}:${text}(?:,${text}:${text})*)?\\}`
const secretFields = new RegExp([name, `(?:${[text, list, record].join('|')})`].join(':'), 'gi')

// Names are bounded, so that a long URL of half-matching names costs no more than its length.
const secretParameters = /([?&](?:[\w.-]{0,40}?(?:token|secret|password|passwd|jwt|session|signature|credential|api[_-]?key)[\w.-]{0,40}|auth|code|key|otp|sig)=)[^&#"\\\s]+/gi

const bearerTokens = /\b(bearer)( +)[\w.~+/-]{16,}=*/gi
// A JWT's header begins with `{"`, which base64url writes as `eyJ`.
const jsonWebTokens = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g

/**
 * Replaces secrets in a finished line of JSON: the values of `Authorization`, cookies, `set-cookie` and token-like fields at
 * whatever depth, token-like query parameters in any URL, and bearer tokens and JWTs wherever a text quotes one. Valid JSON stays valid.
 */
export function redactLine (line: string): string {
  return line
    .replace(secretFields, `"$1":"${redacted}"`)
    .replace(secretParameters, `$1${redacted}`)
    .replace(bearerTokens, `$1$2${redacted}`)
    .replace(jsonWebTokens, redacted)
}
