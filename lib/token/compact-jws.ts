import { isUtf8 } from 'node:buffer'
import { invalidToken } from './challenge.js'
import { optionalString, ownMember } from './json-members.js'

/** The media type of an access token that a client was given (RFC 9068 section 2.1), as {@link JwsHeader} has it. */
export const accessTokenType = 'at+jwt'

/** The part of a JWS header that decides anything here (RFC 7515 section 4.1). */
export interface JwsHeader {
  readonly alg: string
  /** The media type, in lower case and without `application/` (RFC 7515 section 4.1.9). */
  readonly typ: string | undefined
  readonly kid: string | undefined
}

/** A token in the compact serialisation, taken apart (RFC 7515 section 3.1). */
export interface CompactJws {
  /** All of it, as it came. */
  readonly token: string
  readonly header: JwsHeader
  /** Bytes that are well-formed UTF-8, and not yet known to be JSON. */
  readonly payload: Buffer
  /** What was signed (RFC 7515 section 5.1, step 5). */
  readonly signingInput: string
  /** In base64url, its only spelling. */
  readonly signature: string
}

// Three parts and no fourth: a JWE in five ends here too.
const shape = /^[\w-]+\.[\w-]+\.[\w-]+$/
const lastOfTwo = 'AQgw'
const lastOfThree = 'AEIMQUYcgkosw048'

// They change what is signed, or how it is read: `b64` (RFC 7797), `enc` and `zip` (RFC 7516), and whatever `crit`
// demands. Every other member is ignored (RFC 7515 section 4), `jku`, `jwk`, `x5u` and `x5c` among them: real issuers
// send them, and keys come from the configuration alone.
const refusedMembers = ['crit', 'enc', 'zip', 'b64'] as const

const maxCachedHeaders = 256
const maxCachedLength = 512

/**
 * Makes a reader of compact JWS: it checks the shape of all three parts and the whole header. Headers repeat, so a
 * bounded number of good ones is kept.
 * @throws {errors.InvalidToken} (the reader) for what is no compact JWS, or one whose header asks for what is not done
 * here
 */
export function createJwsReader (): (token: string) => CompactJws {
  const known = new Map<string, JwsHeader>()

  return function readJws (token) {
    if (!shape.test(token)) throw invalidToken('malformed')
    const first = token.indexOf('.')
    const last = token.indexOf('.', first + 1)
    if (
      !isCanonical(token, 0, first) ||
      !isCanonical(token, first + 1, last) ||
      !isCanonical(token, last + 1, token.length)
    ) {
      throw invalidToken('malformed')
    }
    const payload = Buffer.from(token.slice(first + 1, last), 'base64url')
    if (!isUtf8(payload)) throw invalidToken('payload_malformed')

    const segment = token.slice(0, first)
    let header = known.get(segment)
    if (header === undefined) {
      header = parseHeader(segment)
      if (known.size >= maxCachedHeaders) known.clear()
      if (segment.length <= maxCachedLength) known.set(segment, header)
    }
    return { token, header, payload, signingInput: token.slice(0, last), signature: token.slice(last + 1) }
  }
}

// RFC 4648 section 3.5: the bits that pad the last character are zero, so that one token has one spelling.
function isCanonical (token: string, start: number, end: number): boolean {
  switch ((end - start) % 4) {
    case 0: return true
    case 1: return false
    case 2: return lastOfTwo.includes(token[end - 1]!)
    default: return lastOfThree.includes(token[end - 1]!)
  }
}

function parseHeader (segment: string): JwsHeader {
  const bytes = Buffer.from(segment, 'base64url')
  if (!isUtf8(bytes)) throw invalidToken('header_malformed')
  let parsed: unknown
  try {
    parsed = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw invalidToken('header_malformed', error)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw invalidToken('header_malformed')
  const header = parsed as Record<string, unknown>
  for (const member of refusedMembers) {
    if (Object.hasOwn(header, member)) throw invalidToken(`header_${member}`)
  }
  const alg = ownMember(header, 'alg')
  if (typeof alg !== 'string') throw invalidToken('alg')
  return { alg, typ: mediaType(optionalString(header, 'typ')), kid: optionalString(header, 'kid') }
}

// RFC 7515 section 4.1.9: media types have no case, and without another slash `application/` may be left out.
function mediaType (typ: string | undefined): string | undefined {
  return typ?.toLowerCase().replace(/^application\/(?=[^/]+$)/, '')
}
