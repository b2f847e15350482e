import { inspect } from 'node:util'

/** A public path, split once at registration. */
export interface PublicPath {
  /** The entry as it is compared and named in messages: no trailing slash. */
  path: string
  segments: string[]
}

// RFC 3986 section 3.3: unreserved, sub-delims without ";", ":" and "@". What may stand is listed,
// because lists of what may not (`..%00`, `%252e`, full-width dots) have always had a gap.
const plainPath = /^(?:\/[A-Za-z0-9\-._~!$&'()*+,=:@]+)+$/

/** The segments of a route's URL: `/a/b/` and `/a/b` are the same two. */
export function toSegments (url: string): string[] {
  const segments = url.split('/')
  if (segments[0] === '') segments.shift()
  if (segments.at(-1) === '') segments.pop()
  return segments
}

/**
 * Reads the `publicPaths` option.
 * @throws {TypeError} naming the entry that is no path
 */
export function parsePublicPaths (entries: string[]): PublicPath[] {
  if (!Array.isArray(entries)) throw new TypeError('"publicPaths" must be a list of paths, such as ["/health"]')
  return entries.map((entry) => {
    if (typeof entry !== 'string' || !entry.startsWith('/')) {
      throw new TypeError(`"publicPaths" must hold paths that start with "/", got ${inspect(entry)}`)
    }
    const segments = toSegments(entry)
    if (segments.length === 0) {
      throw new TypeError(
        'The public path "/" would open every route: open one with config: { auth: false } on it instead'
      )
    }
    if (segments.at(-1) === '*') {
      throw new TypeError(
        `The public path "${entry}" needs no "*": "/${segments.slice(0, -1).join('/')}" opens everything below it`
      )
    }
    if (
      segments.some((segment) => segment === '' || segment === '.' || segment === '..') ||
      /[?#;*%\\\s]/.test(entry)
    ) {
      throw new TypeError(
        `The public path "${entry}" is not a plain path, so no route can match it: write it as the route is written, such as "/health"`
      )
    }
    return { path: `/${segments.join('/')}`, segments }
  })
}

/** Whether the first list begins the second, by whole segments. */
export function isAtOrBelow (segments: string[], base: string[]): boolean {
  return base.length <= segments.length && base.every((segment, index) => segment === segments[index])
}

/**
 * The path of a raw URL, split, when it can be trusted under a wildcard route; `null` when it has an
 * empty or dot segment, an escape, or any character outside RFC 3986's plain ones.
 */
export function toPlainSegments (rawUrl: string): string[] | null {
  const end = rawUrl.indexOf('?')
  const path = end === -1 ? rawUrl : rawUrl.slice(0, end)
  if (!plainPath.test(path)) return null
  const segments = path.slice(1).split('/')
  return segments.some((segment) => segment === '.' || segment === '..') ? null : segments
}
