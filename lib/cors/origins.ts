import { suffixKind } from './public-suffixes.js'

const webOrigin = /^https?:\/\/[^/?#@\\\s]+\/?$/i

// What the pages of an app shell or a browser extension send. An extension is named by 32 letters from a to p.
const shellOrigin =
  /^(?:(?:capacitor|ionic|tauri):\/\/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|chrome-extension:\/\/[a-p]{32})\/?$/i

// What a "*" is while the host goes through the URL parser.
const star = 'fai-star'

function refuse (entry: string, why: string): never {
  throw new TypeError(`"${entry}" is not an origin that browsers may call from: ${why}`)
}

/** Refuses a `*` that would let strangers in: whoever can register a name there would match. */
function checkPreview (entry: string, host: string): void {
  const labels = host.replace(/\.?(?::\d+)?$/, '').split('.')
  const index = labels.findIndex((label) => label.includes('*'))
  if (host.indexOf('*') !== host.lastIndexOf('*')) refuse(entry, 'one "*" is allowed, inside one label of the host')
  const label = labels[index] as string
  if (label.startsWith('xn--')) refuse(entry, '"*" has no meaning in a label that is not plain ASCII')
  if (label.startsWith('-') || label.endsWith('-')) {
    refuse(entry, 'a name neither begins nor ends with a hyphen, so nothing would match')
  }
  const above = labels.slice(index + 1).join('.')
  if (above === '') refuse(entry, '"*" has to stand inside a label of a host, such as https://app-*-team.example.app')

  const kind = suffixKind(above)
  if (kind === 'registry') {
    refuse(entry, `"*" stands straight above the public suffix ${above}, where anyone can register a name`)
  }
  // The hoster's customers share the suffix: the fixed end of the label is the team's.
  if (kind === 'hoster' && !/\*.*[a-z0-9]/.test(label)) {
    const example = `https://app-*-team.${above}`
    refuse(entry, `"*" stands straight above ${above}, where anyone can have a name: ` +
      `end the label in your team's, such as ${example}`)
  }
}

function parseOrigin (value: string): string {
  const entry = value.trim()
  if (entry === '') refuse(value, 'the entry is empty; is there a comma too many?')
  if (entry === '*') refuse(entry, 'a wildcard cannot go with credentials; list the origins')
  if (entry.toLowerCase() === 'null') refuse(entry, 'sandboxed frames and local files of anyone send it')
  // URL knows the host's spelling that browsers send: lower case, punycode, no default port.
  const text = entry.toLowerCase()
  if (shellOrigin.test(entry)) return text.replace(/\/$/, '')
  if (!webOrigin.test(entry)) {
    refuse(entry, 'it must be http:// or https://, a host and at most a port, with no path, ' +
      'such as https://web.example.app, or that of an app shell, such as capacitor://localhost')
  }
  const stand = text.replaceAll('*', star)
  if (text.includes(star) || !URL.canParse(stand)) refuse(entry, 'its host or port is not valid')
  const { protocol, host } = new URL(stand)
  const normal = host.replaceAll(star, '*')
  if (text.includes('*')) checkPreview(entry, normal)
  return `${protocol}//${normal}`
}

/**
 * Reads origins from a comma-separated text or a list, as browsers send them: lower case, no trailing slash, no default
 * port, each once. Those of app shells are `capacitor://localhost`, `ionic://localhost`, `tauri://localhost` and
 * `chrome-extension://<id>`. Blank text is no origin. Good for Better Auth's `trustedOrigins` too.
 * @throws {TypeError} naming the entry that is no origin, or whose `*` is too wide
 * @example
 * parseOrigins('https://web.example.app/, https://chat.example.app')
 */
export function parseOrigins (value: string | string[]): string[] {
  if (typeof value !== 'string' && !(Array.isArray(value) && value.every((entry) => typeof entry === 'string'))) {
    throw new TypeError('Origins are a comma-separated text or a list of texts, ' +
      'such as "https://web.example.app,https://chat.example.app"')
  }
  if (typeof value === 'string' && value.trim() === '') return []
  const entries = typeof value === 'string' ? value.split(',') : value.flatMap((entry) => entry.split(','))
  return [...new Set(entries.map(parseOrigin))]
}

function toPattern (origin: string): RegExp {
  const [before, after] = origin.split('*').map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'))
  return new RegExp(`^${before}[a-z0-9-]+${after}$`)
}

/** Tells whether an `Origin` header is one of the parsed origins, character for character. */
export function createOriginMatcher (origins: string[]): (origin: string | undefined) => boolean {
  const exact = new Set(origins.filter((origin) => !origin.includes('*')))
  const patterns = origins.filter((origin) => origin.includes('*')).map(toPattern)
  return (origin) => origin !== undefined &&
    (exact.has(origin) || patterns.some((pattern) => pattern.test(origin)))
}
