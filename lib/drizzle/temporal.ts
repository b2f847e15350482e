import { entityKind } from 'drizzle-orm'
import { PgDate, PgDateString, PgTimestamp, PgTimestampString } from 'drizzle-orm/pg-core'
import { drizzle } from './version.js'

/** What a column of dates or timestamps takes. */
export type TemporalKind = 'date' | 'timestamp text' | 'date text'

const temporalKinds = new Map<unknown, TemporalKind>([
  [PgTimestamp[entityKind], 'date'],
  [PgDate[entityKind], 'date'],
  [PgTimestampString[entityKind], 'timestamp text'],
  [PgDateString[entityKind], 'date text']
])

/** How many arrays stand around what kind of column. */
export function temporalKindOf (column: object): { kind: TemporalKind | undefined, depth: number } {
  const { element, depth } = drizzle.elementOf(column)
  return { kind: temporalKinds.get((element.constructor as { [entityKind]?: string })[entityKind]), depth }
}
