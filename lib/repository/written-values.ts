import { Column, is, Param, SQL, sql } from 'drizzle-orm'
import { PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { Fragment, OwnerIsMe } from './chunks.js'
import type { ScopedDialect } from './dialect.js'
import { castTypeOf, columnsOf, tableFacts, type InsertConfig } from './drizzle-internals.js'
import { OnConflict } from './on-conflict.js'
import { sealedChunks } from './render.js'

/** The owner column of the table a write goes to, and its property name. */
export interface Owner { column: PgColumn, key: string }

/**
 * A table's column by property name, own properties only.
 * @throws errors.UnknownColumn naming the key, and the property when the key is a column's database name
 */
export function columnAt (table: PgTable, key: string): PgColumn {
  const columns = columnsOf(table)
  if (Object.hasOwn(columns, key)) return columns[key]!
  const property = Object.entries(columns).find(([, column]) => column.name === key)?.[0]
  throw new errors.UnknownColumn(`"${key}" is no column of "${tableFacts(table).name}"${property === undefined ? '' : `: its property is "${property}"`}`)
}

/** The rows of an insert as parameters of their columns, without anything inherited. */
export function bindRows (table: PgTable, rows: unknown[]): Array<Record<string, unknown>> {
  if (rows.length === 0) throw new errors.InvalidArgument('An insert takes at least one row')
  return rows.map((row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new errors.InvalidArgument('An insert takes objects as rows')
    return Object.fromEntries(Object.entries(row).map(([key, value]) => {
      const column = columnAt(table, key)
      return [key, is(value, SQL) || is(value, Param) ? value : new Param(value, column)]
    }))
  })
}

/** `"column" = value, …` for an update, the columns that set themselves on update included. */
export function buildSet (dialect: ScopedDialect, table: PgTable, set: Record<string, unknown>, owner: Owner): SQL {
  for (const key of Object.keys(set)) columnAt(table, key)
  assertMine(dialect, owner, Object.hasOwn(set, owner.key) ? set[owner.key] : undefined)
  const assignments: SQL[] = []
  for (const [key, column] of Object.entries(columnsOf(table))) {
    let value = Object.hasOwn(set, key) ? set[key] : undefined
    if (value === undefined && column.onUpdateFn !== undefined) value = produced(column, column.onUpdateFn())
    if (value !== undefined) assignments.push(sql`${sql.identifier(dialect.casing.getColumnCasing(column))} = ${written(value)}`)
  }
  return sql.join(assignments, sql`, `)
}

/** A whole insert, with the owner's value written by the scope. */
export function buildInsert (dialect: ScopedDialect, config: InsertConfig, owner: Owner): SQL {
  const { table, select, returning, withList, overridingSystemValue_: overriding, onConflict } = config
  if (onConflict !== undefined && !(onConflict instanceof OnConflict)) throw new errors.ForeignBuilder('An on conflict clause must come from the builder\'s own methods')
  const [columns, source] = select === true ? selected(dialect, config, owner) : listed(dialect, config, owner)
  const names = columns.map((column) => sql.identifier(dialect.casing.getColumnCasing(column)))
  return sql.join([
    dialect.buildWithCTE(withList),
    sql`insert into ${dialect.target(table)} (${sql.join(names, sql`, `)}) `,
    overriding === true ? sql`overriding system value ` : undefined,
    source,
    onConflict && buildOnConflict(dialect, table, onConflict, owner),
    returning && sql` returning ${dialect.buildSelection(returning)}`
  ])
}

function listed (dialect: ScopedDialect, { table, values }: InsertConfig, owner: Owner): [PgColumn[], SQL] {
  const columns = Object.entries(columnsOf(table)).filter(([key, column]) => key === owner.key || !isGenerated(column))
  const rows = (values as Array<Record<string, unknown>>).map((row) => {
    for (const key of Object.keys(row)) columnAt(table, key)
    assertMine(dialect, owner, Object.hasOwn(row, owner.key) ? row[owner.key] : undefined)
    const items = columns.map(([key, column]) => {
      if (key === owner.key) return dialect.me(column)
      const value = Object.hasOwn(row, key) ? row[key] : undefined
      return value === undefined || (is(value, Param) && value.value === undefined) ? byDefault(column) : written(value)
    })
    return sql`(${sql.join(items as SQL[], sql`, `)})`
  })
  return [columns.map(([, column]) => column), sql`values ${sql.join(rows, sql`, `)}`]
}

// The rows of an insert … select pass through an outer select that puts the owner in their place.
function selected (dialect: ScopedDialect, { table, values }: InsertConfig, owner: Owner): [PgColumn[], SQL] {
  const query = values as { getSQL (): SQL, _?: { selectedFields?: Record<string, unknown> } }
  if (is(query, SQL)) throw new errors.UnsafeFragment('insert … select takes a query of request.db, not raw SQL')
  const statement = query.getSQL()
  sealedChunks(statement)
  const fields = Object.entries(query._?.selectedFields ?? {})
  const columns = fields.map(([key, field]) => {
    if (!is(field, Column) && !is(field, SQL) && !is(field, SQL.Aliased)) throw new errors.Unsupported('insert … select takes a flat list of fields: name the columns in select({ … })')
    return columnAt(table, key)
  })
  const names = fields.map((_field, index) => sql.identifier(`c${index}`))
  const me = sql`cast(${dialect.me(owner.column)} as ${sql.raw(castTypeOf(owner.column))})`
  const items = fields.map(([key], index) => key === owner.key ? me : sql`"rows".${names[index]}`)
  if (!fields.some(([key]) => key === owner.key)) {
    columns.push(owner.column)
    items.push(me)
  }
  return [columns, sql`select ${sql.join(items, sql`, `)} from (${statement}) "rows" (${sql.join(names, sql`, `)})`]
}

/** Whether PostgreSQL alone writes this column. */
export function isGenerated ({ generated }: PgColumn): boolean {
  return generated !== undefined && generated.type !== 'byDefault'
}

function buildOnConflict (dialect: ScopedDialect, table: PgTable, { target, targetWhere, set, setWhere }: OnConflict, owner: Owner): SQL {
  const names = target.map((column) => {
    if (!is(column, PgColumn)) throw new errors.InvalidArgument('The target of on conflict is a column, or a list of columns')
    return sql.identifier(dialect.casing.getColumnCasing(column))
  })
  const where = targetWhere === undefined ? undefined : sql` where ${new Fragment(targetWhere)}`
  const on = names.length === 0 ? undefined : sql`(${sql.join(names, sql`, `)})${where} `
  if (set === undefined) return sql` on conflict ${on}do nothing`
  const mine = new OwnerIsMe(tableFacts(table).alias, owner.column)
  const caller = setWhere === undefined ? undefined : sql` and ${new Fragment(setWhere)}`
  return sql` on conflict ${on}do update set ${buildSet(dialect, table, set, owner)} where (${mine})${caller}`
}

/**
 * Lets an absent owner pass, and the user's own id.
 * @throws errors.ForeignOwner for another's, and for SQL or a placeholder, whose value nobody knows yet
 */
export function assertMine (dialect: ScopedDialect, { column, key }: Owner, value: unknown): void {
  const given = is(value, Param) ? value.value : value
  if (given === undefined) return
  const plain = typeof given === 'string' || typeof given === 'number' || typeof given === 'bigint'
  if (plain && sameId(column, String(given), dialect.userId as string)) return
  throw new errors.ForeignOwner(plain ? undefined : `The owner "${key}" is written by the scope: leave it out, or give the user's own id`)
}

// PostgreSQL reads a uuid in any case.
function sameId (column: PgColumn, given: string, userId: string): boolean {
  return given === userId || (column.getSQLType() === 'uuid' && given.toLowerCase() === userId.toLowerCase())
}

function byDefault (column: PgColumn): unknown {
  if (column.defaultFn !== undefined) return written(produced(column, column.defaultFn()))
  if (column.default === undefined && column.onUpdateFn !== undefined) return written(produced(column, column.onUpdateFn()))
  return sql`default`
}

function produced (column: PgColumn, value: unknown): unknown {
  return is(value, SQL) ? value : new Param(value, column)
}

function written (value: unknown): unknown {
  return is(value, SQL) ? new Fragment(value, 'value') : value
}
