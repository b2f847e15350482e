import { Column, is } from 'drizzle-orm'
import { PgCustomColumn, type PgColumn } from 'drizzle-orm/pg-core'
import { isEnum } from './cast-types.js'
import { drizzle } from './version.js'

/** What a column's values are for a driver: one text, a boolean, what the app's own type makes of them, or others. */
export type ValueKind = 'text' | 'boolean' | 'custom' | 'other'

interface Kind { kind: ValueKind, depth: number }

const oneText = /^(?:text|varchar|char|uuid|inet|cidr|macaddr8?|time|interval|smallint|integer|bigint|(?:small|big)?serial|numeric|real|double precision)\b/

const other: Kind = { kind: 'other', depth: 0 }
const known = new WeakMap<object, Kind>()

/** The kind of a column's values, and in how many arrays they stand; what is no column is of the kind `other`. */
export function valueKindOf (column: object): Kind {
  let kind = known.get(column)
  if (kind === undefined) known.set(column, kind = is(column, Column) ? read(column) : other)
  return kind
}

function read (column: object): Kind {
  const { element, depth } = drizzle.elementOf(column)
  const type = (element as PgColumn).getSQLType()
  if (is(element, PgCustomColumn)) return { kind: type === 'boolean' ? 'boolean' : 'custom', depth }
  if (type === 'boolean') return { kind: 'boolean', depth }
  return { kind: isEnum(element) || oneText.test(type) ? 'text' : 'other', depth }
}
