import { is, Name, Subquery, type SQL } from 'drizzle-orm'
import type { SelectJoin } from './dialect.js'
import { textOf } from './pieces.js'

// The one column of a joined relation, in relational queries.
const column = 'data'

/**
 * The aliases of the relations among the joins of a select: sub-queries that Drizzle has made itself, without fields.
 */
export function joinedRelations (joins: SelectJoin[] | undefined): ReadonlySet<string> | undefined {
  const relations = joins?.filter(
    ({ lateral, table }) => lateral === true && is(table, Subquery) && Object.keys(table._.selectedFields).length === 0
  )
  return relations?.length ? new Set(relations.map(({ alias }) => alias!)) : undefined
}

/** What a piece names where it is nothing but the rows of a joined relation: `"tasks_project"."data"`. */
export function relationOf (piece: SQL): { alias: string, column: string } | undefined {
  const [alias, dot, name, ...others] = piece.queryChunks.filter((chunk) => textOf(chunk) !== '')
  if (!is(alias, Name) || textOf(dot) !== '.' || !is(name, Name) || name.value !== column || others.length > 0) {
    return undefined
  }
  return { alias: alias.value, column }
}
