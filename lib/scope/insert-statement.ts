import { Column, is, Param, Placeholder, SQL, sql, type SQLWrapper } from 'drizzle-orm'
import { PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { castTypeOf } from '../drizzle/cast-types.js'
import type { DialectInternals, InsertConfig } from '../drizzle/dialect.js'
import { fieldsOfQuery, isWrapper, textOf } from '../drizzle/pieces.js'
import { columnsOf, tableFacts } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import { columnAt } from './bound-values.js'
import { builtStatementOf, Fragment, OwnerPredicate, type TargetTable } from './chunks.js'
import { assertNotGenerated, isComputed } from './generated-columns.js'
import type { Owner, OwnedTable } from './owners.js'
import { refuseRow } from './refusals.js'
import {
  assertOwnersOfRow, buildSet, byDefault, checkReferences, defaultOf, written, type WritingDialect
} from './written-values.js'

/** What is asked of the dialect that an insert is built for. */
export interface InsertingDialect extends WritingDialect, Pick<DialectInternals, 'buildWithCTE' | 'buildSelection'> {
  ownerValue (owner: Owner): Param
  target (table: PgTable): TargetTable
}

/**
 * What an insert does on a conflict, in parts. Drizzle glues them to one text as soon as they are named, where
 * the caller's conditions could no longer be separated from the clause around them.
 */
export class OnConflict {
  constructor (
    readonly target: PgColumn[],
    readonly targetWhere: SQL | undefined,
    /** What to update; `undefined` does nothing. */
    readonly set?: Record<string, unknown>,
    readonly setWhere?: SQL
  ) {}
}

/** A whole insert, with the values of the owners written by the scope. */
export function buildInsert (dialect: InsertingDialect, config: InsertConfig, owned: OwnedTable): SQL {
  const {
    table, select, returning, withList, overridingSystemValue_: overriding, onConflict, useSelectionCastCodecs
  } = config
  if (onConflict !== undefined && !(onConflict instanceof OnConflict)) {
    throw new errors.ForeignBuilder('An on conflict clause must come from the builder\'s own methods')
  }
  const [columns, source] = select === true ? selected(dialect, config, owned) : listed(dialect, config, owned)
  const names = columns.map((column) => sql.identifier(dialect.columnName(column)))
  const ignoring = { ignoreCastCodecs: useSelectionCastCodecs !== true }
  return sql.join([
    dialect.buildWithCTE(withList),
    sql`insert into ${dialect.target(table)} (${sql.join(names, sql`, `)}) `,
    overriding === true ? sql`overriding system value ` : undefined,
    source,
    onConflict && buildOnConflict(dialect, table, onConflict, owned),
    returning && sql` returning ${dialect.buildSelection(returning, ignoring)}`
  ])
}

function listed (
  dialect: InsertingDialect, { table, values, overridingSystemValue_: overriding }: InsertConfig, owned: OwnedTable
): [PgColumn[], SQL] {
  const owners = new Map(owned.written.map((owner) => [owner.key, owner]))
  const columns = Object.entries(columnsOf(table)).filter(([key, column]) => owners.has(key) || !isComputed(column))
  const rows = (values as Array<Record<string, unknown>>).map((row) => {
    assertOwnersOfRow(dialect, table, row, owned.written)
    assertNotGenerated(table, row, overriding)
    const items = new Map(columns.map(([key, column]) => {
      const owner = owners.get(key)
      if (owner !== undefined) return [key, dialect.ownerValue(owner)]
      const value = Object.hasOwn(row, key) ? row[key] : undefined
      const isMissing = value === undefined || (is(value, Param) && value.value === undefined)
      return [key, isMissing ? byDefault(column) : written(value)]
    }))
    checkReferences(dialect, table, items, defaultOf)
    return sql`(${sql.join([...items.values()] as SQL[], sql`, `)})`
  })
  return [columns.map(([, column]) => column), sql`values ${sql.join(rows, sql`, `)}`]
}

// The rows of an insert … select pass through an outer select that puts the owners in their place.
function selected (
  dialect: InsertingDialect, { table, values, overridingSystemValue_: overriding }: InsertConfig,
  { written }: OwnedTable
): [PgColumn[], SQL] {
  const query = values as SQLWrapper
  if (is(query, SQL)) throw new errors.UnsafeFragment('insert … select takes a query of request.db, not raw SQL')
  const statement = query.getSQL()
  builtStatementOf(statement)
  const fields = Object.entries(fieldsOfQuery(query))
  const columns = fields.map(([key, field]) => {
    if (is(field, Column) || is(field, SQL) || is(field, SQL.Aliased)) return columnAt(table, key)
    throw new errors.Unsupported('insert … select takes a flat list of fields: name the columns in select({ … })')
  })
  assertNotGenerated(table, Object.fromEntries(fields), overriding)
  const names = fields.map((_field, index) => sql.identifier(`c${index}`))
  const items = new Map<string, unknown>(fields.map(([key, field], index) => {
    const value = sql`"rows".${names[index]}`
    const column = columnAt(table, key)
    // PostgreSQL takes a value that is alone for text where the select is not the insert's own. A cast to a shorter
    // text would cut it.
    const casts = isUntyped(field) && !/^(?:text|varchar|char)\b(?!.*\[)/.test(column.getSQLType())
    return [key, casts ? sql`cast(${value} as ${castTypeOf(column)})` : value]
  }))
  for (const owner of written) {
    if (!items.has(owner.key)) columns.push(owner.column)
    items.set(owner.key, sql`cast(${dialect.ownerValue(owner)} as ${castTypeOf(owner.column)})`)
  }
  checkReferences(dialect, table, items, defaultOf)
  const list = sql.join([...items.values()] as SQL[], sql`, `)
  return [columns, sql`select ${list} from (${statement}) "rows" (${sql.join(names, sql`, `)})`]
}

function isUntyped (field: unknown): boolean {
  const value = is(field, SQL.Aliased) ? field.sql : field
  if (!is(value, SQL)) return false
  const [only, ...others] = value.queryChunks.filter((chunk) => textOf(chunk)?.trim() !== '')
  if (others.length > 0) return false
  const text = textOf(only)
  if (text !== undefined) return text.trim().toLowerCase() === 'null'
  return !isWrapper(only) || is(only, Param) || is(only, Placeholder)
}

function buildOnConflict (
  dialect: InsertingDialect, table: PgTable, { target, targetWhere, set, setWhere }: OnConflict, owned: OwnedTable
): SQL {
  const names = target.map((column) => {
    if (!is(column, PgColumn)) {
      throw new errors.InvalidArgument('The target of on conflict is a column, or a list of columns')
    }
    return sql.identifier(dialect.columnName(column))
  })
  const partial = targetWhere === undefined ? undefined : sql` where ${new Fragment(targetWhere, 'conflict')}`
  const on = names.length === 0 ? undefined : sql`(${sql.join(names, sql`, `)})${partial} `
  if (set === undefined) return sql` on conflict ${on}do nothing`
  const predicate = new OwnerPredicate(tableFacts(table).alias, owned.owners)
  const caller = setWhere === undefined ? sql`true` : new Fragment(setWhere, 'conflict')
  // Another owner's row fails the statement, before the caller's condition is tried on it.
  const [{ column }] = owned.owners
  const ownerOfRow = sql`${sql.identifier(tableFacts(table).alias)}.${sql.identifier(dialect.columnName(column))}`
  const where = sql`case when ${predicate} then ${caller} else ${refuseRow('FAI_CONFLICT', ownerOfRow)} end`
  return sql` on conflict ${on}do update set ${buildSet(dialect, table, set, owned)} where ${where}`
}
