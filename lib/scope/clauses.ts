import { Column, is, Placeholder, SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { getTableConfig, PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { BuiltFor, LockingClause, OpenDialect, SelectConfig, SelectJoin, SetOperator } from '../drizzle/dialect.js'
import { isWrapper, textOf } from '../drizzle/pieces.js'
import { tableAliasOf, tableFacts } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import { shown } from '../internal/shown-value.js'
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
export function lock ({ strength, config: { of, noWait, skipLocked, ...others } }: LockingClause): LockingClause {
  const [other] = Object.keys(others)
  if (other !== undefined) {
    throw new errors.Unsupported(`"${other}" is no part of a lock: use of, noWait and skipLocked`)
  }
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

// Types of which PostgreSQL knows no equality to group by.
const ungroupable = /^(?:json|xml|point|line|lseg|box|path|polygon|circle)\b/

/**
 * A caller's `group by`. PostgreSQL lets the primary key of a table stand for its other columns, and the user's rows
 * of one are no table to
 * it: there the others are named beside their key.
 */
export function groupedBy (
  items: SQLWrapper[], { table, joins = [] }: Pick<SelectConfig, 'table' | 'joins'>,
  dialect: Pick<OpenDialect, 'columnName'>
): SQLWrapper[] {
  const grouped = items.map(columnOf).filter((column) => column !== undefined)
  const implied = [table, ...joins.map((join) => join.table)].flatMap((source) => {
    if (!is(source, PgTable)) return []
    const { alias, columns } = tableFacts(source)
    const named = new Set(grouped.filter((column) => tableAliasOf(column) === alias).map(({ name }) => name))
    const key = keyOf(source)
    if (key.length === 0 || !key.every((name) => named.has(name))) return []
    return Object.values(columns)
      .filter((column) => !named.has(column.name) && !ungroupable.test(column.getSQLType()))
      .map((column) => sql`${sql.identifier(alias)}.${sql.identifier(dialect.columnName(column))}`)
  })
  return [...items.map(listItem), ...implied]
}

function columnOf (item: SQLWrapper): Column | undefined {
  if (is(item, Column)) return item
  if (!is(item, SQL)) return undefined
  const [before, only, after, ...rest] = item.queryChunks
  if (rest.length > 0 || !is(only, Column)) return undefined
  return textOf(before)?.trim() === '' && textOf(after)?.trim() === '' ? only : undefined
}

function keyOf (table: PgTable): string[] {
  const { columns, primaryKeys } = getTableConfig(table)
  const key = primaryKeys[0]?.columns ?? columns.filter(({ primary }) => primary)
  return key.map(({ name }) => name)
}

/**
 * A caller's limit or offset. Drizzle leaves out what is no number or below zero, and all rows come.
 * @throws errors.InvalidArgument for what is no whole number from 0
 */
export function amount (name: string, value: number | Placeholder | undefined): number | Placeholder | undefined {
  if (value !== undefined && !isWrapper(value) && !(Number.isSafeInteger(value) && (value as number) >= 0)) {
    throw new errors.InvalidArgument(`"${name}" is a whole number from 0, got ${shown(value)}`)
  }
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
