import { is, SQL, type Param } from 'drizzle-orm'
import { errors } from '../errors.js'
import type { DrizzleDialect } from '../drizzle/contract.js'
import { checkTimestamp } from './temporal-values.js'

/**
 * A value as the driver takes it; `null` is SQL's null for every column.
 * @throws errors.InvalidTimestamp
 */
export function encode (encoder: Param['encoder'], value: unknown): unknown {
  if (value === null) return null
  checkTimestamp(encoder, value)
  return encoder.mapToDriverValue(value)
}

/**
 * The value of a placeholder; the text is fixed before it is known.
 * @throws errors.InvalidTimestamp, and errors.Unsupported where the encoder answers SQL
 */
export function encodeLater (encoder: Param['encoder'], value: unknown): unknown {
  const encoded = encode(encoder, value)
  if (is(encoded, SQL)) throw new errors.Unsupported('A column type that writes SQL takes no placeholder: build the statement with the value')
  return encoded
}

/**
 * A value written into the text, where the caller asked for `inlineParams()`.
 * @throws errors.UnsafeFragment for a function or a symbol
 */
export function inlined (value: unknown, dialect: Pick<DrizzleDialect, 'escapeString'>): string {
  if (value === null) return 'null'
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return dialect.escapeString(value)
  if (typeof value === 'object') {
    const text = String(value)
    return dialect.escapeString(text === '[object Object]' ? JSON.stringify(value) : text)
  }
  throw new errors.UnsafeFragment(`A value of type ${typeof value} cannot be written into the statement`)
}

/** More than this many values do not fit into one statement of PostgreSQL's protocol, and drivers fail on them in their own ways. */
export const mostValues = 65_533

export function tooManyValues (): Error {
  return new errors.InvalidArgument(`A statement takes at most ${mostValues} values: split it`)
}
