import { errors } from '../../errors.js'

/**
 * A value as `postgres` sends it without a chance to fail. That driver encodes when it sends, and one that cannot be
 * encoded is left among the statements under way on the connection without having been sent: from then on every result
 * on that connection goes to the statement before the one it belongs to, another user's. So a number goes as its
 * digits, a `Date` as ISO 8601 and an array as PostgreSQL's text, and what has no text is refused here.
 * @throws errors.InvalidArgument for `undefined`, an object, a function or a symbol
 */
export function encode (value: unknown): unknown {
  switch (typeof value) {
    case 'string': case 'boolean': case 'bigint': return value
    case 'number': return String(value)
    case 'undefined': throw new errors.InvalidArgument('A value is undefined: leave its condition out, or say isNull()')
    case 'object': return value === null || value instanceof Uint8Array ? value : textOf(value)
  }
  throw unsendable(typeof value)
}

function textOf (value: object): string {
  if (Array.isArray(value)) return arrayText(value)
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString()
  throw unsendable(value instanceof Date ? 'Invalid Date' : 'object')
}

// PostgreSQL's text of an array: texts in quotes, null and booleans bare (PostgreSQL manual, section 8.15.6).
function arrayText (values: unknown[]): string {
  return `{${values.map(elementText).join(',')}}`
}

function elementText (value: unknown): string {
  if (Array.isArray(value)) return arrayText(value)
  const encoded = value instanceof Uint8Array ? `\\x${Buffer.from(value).toString('hex')}` : encode(value)
  return typeof encoded === 'string' ? `"${encoded.replaceAll(/["\\]/g, '\\$&')}"` : String(encoded)
}

function unsendable (what: string): Error {
  return new errors.InvalidArgument(
    `A value of type ${what} cannot be sent: hand over its text, or let its column write one`
  )
}
