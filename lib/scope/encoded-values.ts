import { is, SQL, type Param } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import type { Cast, DrizzleDialect } from '../drizzle/contract.js'
import { drizzle } from '../drizzle/version.js'
import { checkValue, textOfCustom } from './column-values.js'
import { checkTimestamp } from './temporal-values.js'

/**
 * A value as the driver takes it; `null` is SQL's null for every column.
 * @throws errors.InvalidTimestamp, or errors.InvalidArgument for what the column's type has no text for
 */
export function encode (encoder: Param['encoder'], value: unknown, dialect?: object): unknown {
  if (value === null) return null
  checkTimestamp(encoder, value)
  return textOfCustom(encoder, drizzle.encode(dialect, encoder, checkValue(encoder, value)))
}

/**
 * The value of a placeholder; the text is fixed before it is known.
 * @throws errors.InvalidTimestamp, and errors.Unsupported where the encoder answers SQL
 */
export function encodeLater (encoder: Param['encoder'], value: unknown, dialect?: object): unknown {
  if (encoder instanceof AlreadyEncoded) return value
  const encoded = encode(encoder, value, dialect)
  if (is(encoded, SQL)) {
    throw new errors.Unsupported(
      'A column type that writes SQL takes no placeholder: build the statement with the value'
    )
  }
  return encoded
}

/** Stands for the column of a value that has been encoded already, and is still written as that column's. */
export class AlreadyEncoded {
  constructor (readonly column: PgColumn) {}
  mapToDriverValue (value: unknown): unknown { return value }
}

/** Writes around the place of a parameter what values of its column need; `undefined` for nothing. */
export function castOf (encoder: Param['encoder'], dialect: object): Cast | undefined {
  return drizzle.castOf(dialect, encoder instanceof AlreadyEncoded ? encoder.column : encoder)
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

/**
 * More than this many values do not fit into one statement of PostgreSQL's protocol, and drivers fail on them in their
 * own ways.
 */
export const mostValues = 65_533

export function tooManyValues (): Error {
  return new errors.InvalidArgument(`A statement takes at most ${mostValues} values: split it`)
}
