import { Column, is, Placeholder, SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { BuiltFor, LockingClause, OpenDialect, SelectJoin, SetOperator } from '../drizzle/dialect.js'
import { isWrapper } from '../drizzle/pieces.js'
import { errors } from '../errors.js'
import { Fragment } from './chunks.js'

const lockStrengths = new Set(['update', 'no key update', 'share', 'key share'])
const joinTypes = new Set(['left', 'right', 'inner', 'full', 'cross'])
const setOperatorTypes = new Set(['union', 'intersect', 'except'])

/** @throws errors.Unsupported for what is no join, since it becomes text as it is */
export function joinType (type: SelectJoin['joinType']): SelectJoin['joinType'] {
  if (!joinTypes.has(type)) throw new errors.Unsupported(`"${type}" is no join`)
  return type
}

/** @throws errors.Unsupported for what is no set operator, since it becomes text as it is */
export function setOperatorType (type: SetOperator['type']): SetOperator['type'] {
  if (!setOperatorTypes.has(type)) throw new errors.Unsupported(`"${type}" is no set operator`)
  return type
}

/**
 * All of a lock becomes part of the statement's own text, so only known words and tables of the query pass.
 * @throws errors.Unsupported
 */
export function lock ({ strength, config: { of, noWait, skipLocked } }: LockingClause): LockingClause {
  if (!lockStrengths.has(strength)) {
    throw new errors.Unsupported(`"${strength}" is no lock strength: use ${[...lockStrengths].join(', ')}`)
  }
  if (of !== undefined && ![of].flat().every((table) => is(table, PgTable))) {
    throw new errors.Unsupported('"of" of a lock takes tables of the query')
  }
  return { strength, config: { of, noWait, skipLocked } as LockingClause['config'] }
}

/** A caller's condition. */
export function condition (where: SQL | undefined): SQL | undefined {
  return where === undefined ? undefined : sql`${new Fragment(where)}`
}

/** A caller's item of `order by`, `group by` or `distinct on`. */
export function listItem<T extends SQLWrapper> (item: T): T {
  return (is(item, Column) ? item : new Fragment(item, 'list')) as unknown as T
}

/** A caller's limit or offset. */
export function amount (value: number | Placeholder | undefined): number | Placeholder | undefined {
  return isWrapper(value) && !is(value, Placeholder) ? new Fragment(value) as unknown as Placeholder : value
}

/** An item of the order of a set operation, where only output names are known and not the tables. */
export function outputNames (item: SQL, dialect: Pick<OpenDialect, 'columnName'>): SQL {
  return new SQL(
    item.queryChunks.map((chunk) => is(chunk, PgColumn) ? sql.identifier(dialect.columnName(chunk)) : chunk)
  )
}

/**
 * @throws errors.Unsupported for a comment, which would stand in the text that names a prepared statement, and end a
 * fragment's judgement
 */
export function refuseComment ({ comment }: BuiltFor): void {
  if (comment !== undefined) {
    throw new errors.Unsupported(
      'comment() is not for queries of request.db: name the client with application_name, or log the request'
    )
  }
}
