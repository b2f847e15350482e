import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import type { KeySetOptions } from '../options.js'

/** Where the key set is and how often it may be asked for; all times in milliseconds. */
export interface KeySetSettings {
  readonly url: URL
  readonly refreshInterval: number
  readonly cooldown: number
  readonly timeout: number
  readonly maxStale: number
}

const defaults = { refreshInterval: 600, cooldown: 5, timeout: 5, maxStale: 86_400 }
const names = ['url', ...Object.keys(defaults)]
// The largest delay that setTimeout takes.
const maxSeconds = 2_147_483

/**
 * Reads the `jwks` option: a URL, or a URL with times in seconds.
 * @throws {TypeError} naming what is wrong and what it takes
 */
export function parseKeySetOptions (jwks: string | URL | KeySetOptions): KeySetSettings {
  if (typeof jwks === 'string' || jwks instanceof URL) return parseKeySetOptions({ url: jwks })
  if (typeof jwks !== 'object' || jwks === null) throw new TypeError('"jwks" must be a URL, or { url, … }')
  refuseUnknownKeys(jwks, names, { under: 'jwks' })
  return {
    url: parseUrl(jwks.url),
    refreshInterval: milliseconds(jwks, 'refreshInterval'),
    cooldown: milliseconds(jwks, 'cooldown'),
    timeout: milliseconds(jwks, 'timeout'),
    maxStale: milliseconds(jwks, 'maxStale')
  }
}

function parseUrl (input: unknown): URL {
  const text = String(input)
  if (!URL.canParse(text)) throw new TypeError('"jwks" must be the absolute URL of the issuer\'s key set, such as https://auth.example.com/api/auth/jwks')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') throw new TypeError('"jwks" must not carry a user name or password: a key set is public')
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url
  throw new TypeError(`"jwks" must be an https URL, since whoever can change the keys can sign tokens (http is for loopback only): ${url.protocol}//${url.host}`)
}

// The URL parser has normalised every spelling of an IPv4 address by now.
function isLoopback (hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function milliseconds (jwks: KeySetOptions, name: keyof typeof defaults): number {
  const seconds = jwks[name] ?? defaults[name]
  if (typeof seconds !== 'number' || !(seconds > 0) || seconds > maxSeconds) {
    throw new TypeError(`"jwks.${name}" must be a number of seconds above 0 and at most ${maxSeconds}`)
  }
  return seconds * 1000
}
