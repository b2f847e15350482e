import { entityKind } from 'drizzle-orm'
import { PgArray, PgDate, PgDateString, PgTimestamp, PgTimestampString } from 'drizzle-orm/pg-core'

/** What a column of dates or timestamps takes. */
export type TemporalKind = 'date' | 'timestamp text' | 'date text'

const temporalKinds = new Map<unknown, TemporalKind>([
  [PgTimestamp[entityKind], 'date'],
  [PgDate[entityKind], 'date'],
  [PgTimestampString[entityKind], 'timestamp text'],
  [PgDateString[entityKind], 'date text']
])

function temporalKind (encoder: object): TemporalKind | undefined {
  return temporalKinds.get(kindOf(encoder))
}

function kindOf (encoder: object): unknown {
  return (encoder.constructor as { [entityKind]?: string })[entityKind]
}

/** How many arrays stand around what kind of column. Asked with every value, so nothing is walked that need not be. */
export function temporalKindOf (column: object): { kind: TemporalKind | undefined, depth: number } {
  let depth = 0
  let inner = column
  while (kindOf(inner) === PgArray[entityKind]) {
    inner = (inner as unknown as { baseColumn: object }).baseColumn
    depth++
  }
  return { kind: temporalKind(inner), depth }
}
