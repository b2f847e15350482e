import { Column, is, Param, SQL, sql } from 'drizzle-orm'
import { PgColumn, type PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { Fragment, isWord, OwnerIsMe, sealedChunks } from './chunks.js'
import type { ScopedDialect } from './dialect.js'
import type { InsertConfig } from '../drizzle/internals.js'
import { assertNotGenerated, isComputed } from './generated-columns.js'
import { OnConflict } from './on-conflict.js'
import { checkedReference, referencesOf } from './references.js'
import { refuse } from './refusals.js'
import { castTypeOf, columnsOf, tableFacts } from '../drizzle/tables.js'

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
  assertRowMine(dialect, table, set, owner)
  assertNotGenerated(table, set)
  const values = new Map<string, unknown>()
  for (const [key, column] of Object.entries(columnsOf(table))) {
    let value = Object.hasOwn(set, key) ? set[key] : undefined
    if (value === undefined && column.onUpdateFn !== undefined) value = produced(column, column.onUpdateFn())
    if (value !== undefined) values.set(key, written(value))
  }
  checkReferences(dialect, table, values, (column) => column)
  return sql.join([...values].map(([key, value]) => sql`${sql.identifier(dialect.casing.getColumnCasing(columnAt(table, key)))} = ${value}`), sql`, `)
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

function listed (dialect: ScopedDialect, { table, values, overridingSystemValue_: overriding }: InsertConfig, owner: Owner): [PgColumn[], SQL] {
  const columns = Object.entries(columnsOf(table)).filter(([key, column]) => key === owner.key || !isComputed(column))
  const rows = (values as Array<Record<string, unknown>>).map((row) => {
    assertRowMine(dialect, table, row, owner)
    assertNotGenerated(table, row, overriding)
    const items = new Map(columns.map(([key, column]) => {
      if (key === owner.key) return [key, dialect.me(column)]
      const value = Object.hasOwn(row, key) ? row[key] : undefined
      return [key, value === undefined || (is(value, Param) && value.value === undefined) ? byDefault(column) : written(value)]
    }))
    checkReferences(dialect, table, items, defaultOf)
    return sql`(${sql.join([...items.values()] as SQL[], sql`, `)})`
  })
  return [columns.map(([, column]) => column), sql`values ${sql.join(rows, sql`, `)}`]
}

// The rows of an insert … select pass through an outer select that puts the owner in their place.
function selected (dialect: ScopedDialect, { table, values, overridingSystemValue_: overriding }: InsertConfig, owner: Owner): [PgColumn[], SQL] {
  const query = values as { getSQL (): SQL, _?: { selectedFields?: Record<string, unknown> } }
  if (is(query, SQL)) throw new errors.UnsafeFragment('insert … select takes a query of request.db, not raw SQL')
  const statement = query.getSQL()
  sealedChunks(statement)
  const fields = Object.entries(query._?.selectedFields ?? {})
  const columns = fields.map(([key, field]) => {
    if (!is(field, Column) && !is(field, SQL) && !is(field, SQL.Aliased)) throw new errors.Unsupported('insert … select takes a flat list of fields: name the columns in select({ … })')
    return columnAt(table, key)
  })
  assertNotGenerated(table, Object.fromEntries(fields), overriding)
  const names = fields.map((_field, index) => sql.identifier(`c${index}`))
  const items = new Map<string, unknown>(fields.map(([key], index) => [key, sql`"rows".${names[index]}`]))
  if (!items.has(owner.key)) columns.push(owner.column)
  items.set(owner.key, sql`cast(${dialect.me(owner.column)} as ${castTypeOf(owner.column)})`)
  checkReferences(dialect, table, items, defaultOf)
  return [columns, sql`select ${sql.join([...items.values()] as SQL[], sql`, `)} from (${statement}) "rows" (${sql.join(names, sql`, `)})`]
}

function buildOnConflict (dialect: ScopedDialect, table: PgTable, { target, targetWhere, set, setWhere }: OnConflict, owner: Owner): SQL {
  const names = target.map((column) => {
    if (!is(column, PgColumn)) throw new errors.InvalidArgument('The target of on conflict is a column, or a list of columns')
    return sql.identifier(dialect.casing.getColumnCasing(column))
  })
  const predicate = targetWhere === undefined ? undefined : sql` where ${new Fragment(targetWhere, 'conflict')}`
  const on = names.length === 0 ? undefined : sql`(${sql.join(names, sql`, `)})${predicate} `
  if (set === undefined) return sql` on conflict ${on}do nothing`
  const mine = new OwnerIsMe(tableFacts(table).alias, owner.column)
  const caller = setWhere === undefined ? sql`true` : new Fragment(setWhere, 'conflict')
  // Another user's row fails the statement, before the caller's condition is tried on it.
  const where = sql`case when ${mine} then ${caller} else ${refuse('FAI_CONFLICT', sql`boolean`)} end`
  return sql` on conflict ${on}do update set ${buildSet(dialect, table, set, owner)} where ${where}`
}

/**
 * Replaces the first written column of each reference by one that fails when it points at a row that is not the user's.
 * @param unwritten what stands in the columns of a reference that are not written
 */
function checkReferences (dialect: ScopedDialect, table: PgTable, values: Map<string, unknown>, unwritten: (column: PgColumn) => unknown): void {
  for (const reference of referencesOf(table, dialect.tables)) {
    const resolved = reference.columns.map(({ key, column }) => {
      if (!values.has(key)) return unwritten(column)
      return isDefault(values.get(key)) ? defaultOf(column) : values.get(key)
    })
    const index = reference.columns.findIndex(({ key }) => values.has(key))
    // NULL in one column points nowhere, whatever the others hold.
    if (index !== -1 && !resolved.some(isNull)) values.set(reference.columns[index]!.key, checkedReference(dialect, reference, index, resolved))
  }
}

function isNull (value: unknown): boolean {
  return value === null || (is(value, Param) && value.value === null)
}

function isDefault (value: unknown): boolean {
  return value === databaseDefault || (value instanceof Fragment && is(value.piece, SQL) && isWord(value.piece, 'default'))
}

/**
 * Lets a row pass whose owner is absent or the user, under whichever property the table names the column.
 * @throws errors.UnknownColumn for a key that is no column
 * @throws errors.ForeignOwner for another's id, and for SQL or a placeholder, whose value nobody knows yet
 */
export function assertRowMine (dialect: ScopedDialect, table: PgTable, row: Record<string, unknown>, owner: Owner): void {
  for (const [key, value] of Object.entries(row)) {
    const column = columnAt(table, key)
    if (key === owner.key || dialect.casing.getColumnCasing(column) === dialect.casing.getColumnCasing(owner.column)) assertMine(dialect, { column, key }, value)
  }
}

function assertMine (dialect: ScopedDialect, { column, key }: Owner, value: unknown): void {
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
  return databaseDefault
}

const databaseDefault = sql`default`

// What PostgreSQL writes by itself, as far as the schema knows.
function defaultOf (column: PgColumn): unknown {
  return column.default === undefined ? null : written(produced(column, column.default))
}

function produced (column: PgColumn, value: unknown): unknown {
  return is(value, SQL) ? value : new Param(value, column)
}

function written (value: unknown): unknown {
  return is(value, SQL) ? new Fragment(value, 'value') : value
}
