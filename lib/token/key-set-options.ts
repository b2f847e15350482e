import { refuseUnknownKeys } from '../internal/unknown-keys.js'
import type { JsonWebKeySet, KeySetOptions, TokenOptions } from '../options.js'
import { fetchKeySet, keysOf } from './fetch-key-set.js'
import { readPublishedKeys } from './published-keys.js'
import type { PublishedKey } from './published-keys.js'

/** Where the key set comes from and how often it may be asked for; all times in milliseconds. */
export interface KeySetSettings {
  /** For the log. */
  readonly source: string
  /** @throws whatever kept the set from coming */
  readonly load: (signal: AbortSignal) => Promise<readonly unknown[]>
  readonly refreshInterval: number
  readonly cooldown: number
  readonly timeout: number
  readonly maxStale: number
}

type Times = Pick<KeySetSettings, 'refreshInterval' | 'cooldown' | 'timeout' | 'maxStale'>

const defaults = { refreshInterval: 600, cooldown: 5, timeout: 5, maxStale: 86_400 }
const names = ['url', ...Object.keys(defaults)]
// The largest delay that setTimeout takes.
const maxSeconds = 2_147_483

/**
 * Reads the `jwks` option: a URL, a URL with times in seconds, a function that returns a key set, or a key set, whose
 * keys are then all there will be.
 * @throws {TypeError} naming what is wrong and what it takes
 */
export function parseKeySetOptions (jwks: NonNullable<TokenOptions['jwks']>): KeySetSettings | readonly PublishedKey[] {
  if (typeof jwks === 'string' || jwks instanceof URL) return parseKeySetOptions({ url: jwks })
  if (typeof jwks === 'function') {
    return { source: 'the function of "jwks"', load: (signal) => call(jwks, signal), ...times({}) }
  }
  if (typeof jwks !== 'object' || jwks === null) {
    throw new TypeError('"jwks" must be a URL, { url, … }, a key set { keys }, or a function that returns one')
  }
  if ('keys' in jwks) return parseKeySet(jwks)
  refuseUnknownKeys(jwks, names, { under: 'jwks' })
  const url = parseUrl(jwks.url)
  return { source: url.href, load: (signal) => fetchKeySet(url, signal), ...times(jwks) }
}

function parseKeySet (jwks: object): readonly PublishedKey[] {
  refuseUnknownKeys(jwks, ['keys'], { under: 'jwks' })
  const { keys } = jwks as { keys?: unknown }
  const found = Array.isArray(keys) ? readPublishedKeys(keys) : []
  if (found.length > 0) return found
  throw new TypeError(
    '"jwks.keys" must be a list with a public key that verifies tokens: an EC, RSA (2048 bits or more) or OKP key'
  )
}

async function call (
  load: () => JsonWebKeySet | Promise<JsonWebKeySet>,
  signal: AbortSignal
): Promise<readonly unknown[]> {
  const given = new Promise<JsonWebKeySet>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('The key set did not come', { cause: signal.reason })), {
      once: true
    })
    Promise.resolve().then(load).then(resolve, reject)
  })
  return keysOf(await given)
}

function parseUrl (input: unknown): URL {
  const text = String(input)
  if (!URL.canParse(text)) {
    throw new TypeError(
      '"jwks" must be the absolute URL of the issuer\'s key set, such as https://auth.example.com/api/auth/jwks'
    )
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('"jwks" must not carry a user name or password: a key set is public')
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return url
  throw new TypeError(
    '"jwks" must be an https URL, since whoever can change the keys can sign tokens (http is for loopback only): ' +
      `${url.protocol}//${url.host}`
  )
}

// The URL parser has normalised every spelling of an IPv4 address by now.
function isLoopback (hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname)
}

function times (jwks: Partial<KeySetOptions>): Times {
  return {
    refreshInterval: milliseconds(jwks, 'refreshInterval'),
    cooldown: milliseconds(jwks, 'cooldown'),
    timeout: milliseconds(jwks, 'timeout'),
    maxStale: milliseconds(jwks, 'maxStale')
  }
}

function milliseconds (jwks: Partial<KeySetOptions>, name: keyof typeof defaults): number {
  const seconds = jwks[name] ?? defaults[name]
  if (typeof seconds !== 'number' || !(seconds > 0) || seconds > maxSeconds) {
    throw new TypeError(`"jwks.${name}" must be a number of seconds above 0 and at most ${maxSeconds}`)
  }
  return seconds * 1000
}
