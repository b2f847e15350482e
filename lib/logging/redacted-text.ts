import { withoutQuotedValues } from '../internal/without-values.js'
import { redacted, secretWords } from './redacted-fields.js'

const parameter = /[?&;#]([^\s"=?&;#]{1,120})=/g
const parameterValue = /(")?(?:(?<=")[^"]*|[^&#"\s]+)/y
// The same in a URL that is the value of a parameter.
const nestedParameter = /%(?:3f|26|23|3b)((?:(?!%(?:3f|26|23|3b|3d))[^\s"=?&;#]){1,120})%3d/gi
const nestedValue = /()(?:(?!%(?:26|23))[^\s"&#])+/yi

const codes = 'user|device|auth|authorization|verification|recovery|backup|invite|invitation'
const secretParameter = new RegExp([
  secretWords, 'session|signature|credential', '(?:nonce|assertion|verifier)$', '^SAML', '^invitation(?:_?id)?$',
  '^(?:auth|code|key|otp|totp|sig|ticket)$', `(?:${codes})_?code$`
].join('|'), 'i')
// An OAuth state is long and random; the state of a task is neither.
const stateLength = 20

// Better Auth has a token in /reset-password/<token>, and links that an app mails have theirs in such a path.
const slash = '(?:/|%2f)'
const beforeToken = '(?:verify|confirm)-email|email-verification|reset-password|password-reset|' +
  '(?:accept|reject)-invitation'
const beforeLongToken = 'magic-link|invitations?|invites?|verify|confirm'
const pathToken = new RegExp(`(${slash}(?:(?:${beforeToken})${slash}(?=[^/?#&"\\s%])|` +
  `(?:${beforeLongToken})${slash}(?=[\\w.~-]{16})))[^/?#&"\\s%]+`, 'gi')
const invitation = /(\/get-invitation\?(?:[^"\s#]{0,200}&)?id=)[^&#"\s]+/gi

// "The request carries no bearer token" and a challenge (`Bearer error="invalid_token"`) carry none.
const words = 'tokens?|auth|authentication|authorization|scheme|challenge|header|credentials?|and|or|is|was'
const noToken = `(?!(?:${words})(?![\\w.~+/=-])|` +
  '(?:error|error_description|realm|scope|resource_metadata)=)'
const bearerTokens = new RegExp(`\\b(bearer(?:[ \\u00a0+\\n\\r\\t]|%20)+"?)${noToken}[^\\s"]+`, 'gi')
// A JWT's header begins with `{"`, which base64url writes as `eyJ`.
const jsonWebTokens = /(?<![\w-])eyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g

/**
 * Replaces secrets in any text: token-like query parameters of a URL and of one within it, tokens in paths, bearer
 * tokens, JWTs, and the values that a quoted error of a statement has.
 */
export function redactText (text: string): string {
  const clean = redactParameters(withoutQuotedValues(text), parameter, parameterValue)
  return redactParameters(clean, nestedParameter, nestedValue)
    .replace(pathToken, `$1${redacted}`)
    .replace(invitation, `$1${redacted}`)
    .replace(bearerTokens, `$1${redacted}`)
    .replace(jsonWebTokens, redacted)
}

function redactParameters (text: string, begin: RegExp, value: RegExp): string {
  let done = 0
  let clean = ''
  for (const match of text.matchAll(begin)) {
    const start = match.index + match[0].length
    // Within the value of the one before.
    if (match.index < done || !isSecretParameter(match[1]!, text.slice(start, start + stateLength))) continue
    value.lastIndex = start
    const found = value.exec(text)
    if (found === null) continue
    clean += text.slice(done, start) + (found[1] ?? '') + redacted
    done = start + found[0].length
  }
  return done === 0 ? text : clean + text.slice(done)
}

/** `user[token]` and `tok%65n` are what a server reads them as. */
function isSecretParameter (name: string, beginning: string): boolean {
  const plainName = plain(name)
  if (plainName === 'state') return beginning.length === stateLength && /^[^&#"\s]+$/.test(beginning)
  return plainName.split(/[[\]]/).some((part) => secretParameter.test(part))
}

function plain (name: string): string {
  try {
    return name.includes('%') ? decodeURIComponent(name) : name
  } catch {
    return name
  }
}
