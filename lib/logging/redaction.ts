const redacted = '[redacted]'
const words = 'token|secret|password|passwd|jwt|api[_-]?key'

// In a line of JSON an unescaped quote always delimits, so `"cookie":` can only be a key, at whatever depth. Names are
// bounded, so that a long line of half-matching ones costs no more than its length.
const text = '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"'
const name = `([^"\\\\]{0,80}?(?:${words})[[\\]]{0,4}|(?:proxy-)?authorization|(?:set-)?cookies?)`
const list = `\\[(?:${text}(?:,${text})*)?\\]`
const record = `\\{(?:${text}:${text}(?:,${text}:${text})*)?\\}`
const secretFields = new RegExp(`"${name}":(?:${[text, list, record].join('|')})`, 'gi')

// The same in JSON that a text quotes: each of its quotes has a backslash, each of its backslashes another one.
const quotedText = '(?:[^"\\\\]|\\\\\\\\(?:\\\\["\\\\]|[^"\\\\]))*'
const quotedFields = new RegExp(`\\\\"${name}\\\\"(\\s*:\\s*)\\\\"${quotedText}\\\\"`, 'gi')

const parameter = /[?&;#]([^\s"\\=?&;#]{1,120})=/g
const parameterValue = /(\\")?(?:(?<=")[^"\\]*|[^&#"\\\s]+)/y
const secretParameter = new RegExp(`${words}|session|signature|credential|^(?:auth|code|key|otp|sig)$`, 'i')

// "The request carries no bearer token" and a challenge (`Bearer error="invalid_token"`) carry none.
const noToken = '(?!(?:tokens?|auth|authentication|authorization|scheme|challenge|header|credentials?|and|or|is|was)(?![\\w.~+/=-])|(?:error|error_description|realm|scope)=)'
const bearerTokens = new RegExp(`\\b(bearer(?:[ \\u00a0+]|%20|\\\\[nrt])+(?:\\\\")?)${noToken}[^\\s"\\\\]+`, 'gi')
// A JWT's header begins with `{"`, which base64url writes as `eyJ`.
const jsonWebTokens = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g

/**
 * Replaces secrets in a finished line of JSON: the values of `Authorization`, cookies, `set-cookie` and token-like fields at
 * whatever depth, in JSON that a text quotes too, token-like query parameters in any URL, and bearer tokens and JWTs wherever a
 * text quotes one. Valid JSON stays valid.
 */
export function redactLine (line: string): string {
  return redactParameters(line
    .replace(secretFields, `"$1":"${redacted}"`)
    .replace(quotedFields, `\\"$1\\"$2\\"${redacted}\\"`))
    .replace(bearerTokens, `$1${redacted}`)
    .replace(jsonWebTokens, redacted)
}

function redactParameters (line: string): string {
  let done = 0
  let clean = ''
  for (const match of line.matchAll(parameter)) {
    const start = match.index + match[0].length
    // Within the value of the one before.
    if (match.index < done || !isSecretParameter(match[1]!)) continue
    parameterValue.lastIndex = start
    const value = parameterValue.exec(line)
    if (value === null) continue
    clean += line.slice(done, start) + (value[1] ?? '') + redacted
    done = start + value[0].length
  }
  return done === 0 ? line : clean + line.slice(done)
}

/** `user[token]` and `tok%65n` are what a server reads them as. */
function isSecretParameter (name: string): boolean {
  return plain(name).split(/[[\]]/).some((part) => secretParameter.test(part))
}

function plain (name: string): string {
  try {
    return name.includes('%') ? decodeURIComponent(name) : name
  } catch {
    return name
  }
}
