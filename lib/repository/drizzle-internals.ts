import { is, sql, type Column, type Query, type SQL, type SQLWrapper, type Subquery } from 'drizzle-orm'
import type { CasingCache } from 'drizzle-orm/casing'
import { PgArray, PgDeleteBase, PgDialect, PgEnumColumn, PgInsertBase, PgInsertBuilder, PgUpdateBase } from 'drizzle-orm/pg-core'
import type { PgColumn, PgInsertConfig, PgPreparedQuery, PgSelectConfig, PgSession, SelectedFieldsOrdered, PgTable } from 'drizzle-orm/pg-core'
import { Table } from 'drizzle-orm/table'
import { ViewBaseConfig } from 'drizzle-orm/view-common'

// Everything that is taken from behind Drizzle's public types stands in this file, so that a new version
// of Drizzle is checked in one place.

/** What a select is built from. */
export type SelectConfig = PgSelectConfig
/** One join of a select. */
export type SelectJoin = NonNullable<PgSelectConfig['joins']>[number]
/** One `union`, `intersect` or `except` of a select. */
export type SetOperator = PgSelectConfig['setOperators'][number]
/** `for update` and its kin. */
export type LockingClause = NonNullable<PgSelectConfig['lockingClause']>
/** What an insert is built from; its values and what it does on a conflict are the scope's own. */
export type InsertConfig = Omit<PgInsertConfig, 'onConflict' | 'values'> & { values: unknown, onConflict?: unknown }

/** What an update is built from. */
export interface UpdateConfig {
  table: PgTable
  set: Record<string, unknown>
  where?: SQL
  returning?: SelectedFieldsOrdered
  withList?: Subquery[]
  from?: PgTable | Subquery | SQL
  joins: SelectJoin[]
}

/** What a delete is built from. */
export interface DeleteConfig {
  table: PgTable
  where?: SQL
  returning?: SelectedFieldsOrdered
  withList?: Subquery[]
}

/** The built text of a statement; `writes` sends it to the primary, `isRaw` is the caller's own text. */
export interface BuiltQuery extends Query {
  writes: boolean
  isRaw?: boolean
}

/** The methods of Drizzle's dialect that a scoped one overrides or leans on, private ones included. */
export interface DialectInternals {
  casing: CasingCache
  escapeName (name: string): string
  escapeParam (index: number): string
  escapeString (text: string): string
  buildWithCTE (queries: Subquery[] | undefined): SQL | undefined
  buildSelection (fields: SelectedFieldsOrdered, options?: { isSingleTable?: boolean }): SQL
  buildJoins (joins: SelectJoin[] | undefined): SQL | undefined
  buildFromTable (table: unknown): unknown
  buildSelectQuery (config: SelectConfig): SQL
  buildSetOperations (leftSelect: SQL, setOperators: SetOperator[]): SQL
  buildInsertQuery (config: InsertConfig): SQL
  buildUpdateSet (table: PgTable, set: Record<string, unknown>): SQL
  buildUpdateQuery (config: UpdateConfig): SQL
  buildDeleteQuery (config: DeleteConfig): SQL
  buildRefreshMaterializedViewQuery (config: unknown): SQL
  sqlToQuery (sql: SQL): BuiltQuery
}

/** {@link PgDialect}, open for a subclass. */
export const OpenPgDialect = PgDialect as unknown as new () => DialectInternals

/** A statement of a session: run with values for its placeholders. */
export type PreparedQuery = Pick<PgPreparedQuery<any>, 'execute'>

/** What a driver's session offers. */
export interface SessionInternals {
  prepareQuery (
    query: Query, fields: SelectedFieldsOrdered | undefined, name: string | undefined, isResponseInArrayMode: boolean,
    customResultMapper?: unknown, queryMetadata?: unknown, cacheConfig?: CacheConfig
  ): PreparedQuery
  transaction<T> (callback: (tx: TransactionInternals) => Promise<T>, config?: object): Promise<T>
}

/** What a session prepares a statement from. */
export type PrepareArguments = Parameters<SessionInternals['prepareQuery']>

/** A transaction as a driver's session opens it. */
export interface TransactionInternals extends DatabaseInternals {
  rollback (): never
  execute (query: SQL): Promise<unknown>
}

/** What `$withCache` was given. */
export interface CacheConfig { enable?: boolean, tag?: string }

/** What a Drizzle database keeps behind its types; the last three are `withReplicas`' and a driver's. */
export interface DatabaseInternals {
  dialect: DialectInternals
  session: SessionInternals
  _: { schema?: Record<string, unknown>, fullSchema: Record<string, unknown>, tableNamesMap: Record<string, string> }
  select (): { session: SessionInternals }
  transaction: SessionInternals['transaction']
  $replicas?: unknown[]
  $client?: { options?: { prepare?: boolean } }
}

/** What an insert keeps and offers. */
export interface InsertInternals {
  config: InsertConfig
  returning (): Promise<Array<Record<string, unknown>>> & { prepare (name: string): unknown }
}

/** The insert of Drizzle, open for a subclass. */
export const OpenPgInsertBase = PgInsertBase as unknown as new (
  table: PgTable, values: unknown, session: PgSession, dialect: PgDialect, withList?: Subquery[], select?: boolean, overriding?: boolean
) => InsertInternals & { execute: (values?: Record<string, unknown>) => Promise<unknown> }

interface WriteInternals {
  where (where: SQL | undefined): this
  returning (): Promise<Array<Record<string, unknown>>> & { prepare (name: string): unknown }
}

/** The update of Drizzle, open for a subclass. */
export const OpenPgUpdateBase = PgUpdateBase as unknown as new (
  table: PgTable, set: Record<string, unknown>, session: PgSession, dialect: PgDialect, withList?: Subquery[]
) => WriteInternals
/** The delete of Drizzle, open for a subclass. */
export const OpenPgDeleteBase = PgDeleteBase as unknown as new (
  table: PgTable, session: PgSession, dialect: PgDialect, withList?: Subquery[]
) => WriteInternals

/** What the start of an insert keeps. */
export interface InsertBuilderInternals {
  table: PgTable
  session: PgSession
  dialect: PgDialect
  withList?: Subquery[]
  overridingSystemValue_?: boolean
}

/** The start of an insert of Drizzle, open for a subclass. */
export const OpenPgInsertBuilder = PgInsertBuilder as unknown as new (
  table: PgTable, session: PgSession, dialect: PgDialect, withList?: Subquery[]
) => InsertBuilderInternals

/** The names and columns a table object carries behind symbols. */
export interface TableFacts {
  schema: string | undefined
  /** The table's own name in the database, under any alias. */
  name: string
  /** What the query calls it. */
  alias: string
  isAlias: boolean
  columns: Record<string, PgColumn>
  /** One object for the table and all its aliases. */
  identity: object
}

type SymbolTable = Record<symbol, any>

// A static that Drizzle's declarations leave out.
const symbols = (Table as unknown as { Symbol: Record<'Schema' | 'OriginalName' | 'Name' | 'IsAlias' | 'Columns' | 'ExtraConfigColumns', symbol> }).Symbol

/** Reads a table, or an alias of one. */
export function tableFacts (table: PgTable): TableFacts {
  const raw = table as unknown as SymbolTable
  return {
    schema: raw[symbols.Schema],
    name: raw[symbols.OriginalName],
    alias: raw[symbols.Name],
    isAlias: raw[symbols.IsAlias],
    columns: raw[symbols.Columns],
    identity: raw[symbols.ExtraConfigColumns]
  }
}

/** A table's columns by their property names. */
export function columnsOf (table: PgTable): Record<string, PgColumn> {
  return (table as unknown as SymbolTable)[symbols.Columns]
}

/** Reads a view, or an alias of one. */
export function viewFacts (view: object): { schema: string | undefined, name: string, alias: string, selectedFields: Record<string, unknown> } {
  const config = (view as SymbolTable)[ViewBaseConfig]
  return { schema: config.schema, name: config.originalName, alias: config.name, selectedFields: config.selectedFields }
}

/** What the query calls the table a column belongs to. */
export function tableAliasOf (column: Column): string {
  return (column.table as unknown as SymbolTable)[symbols.Name]
}

/** Whether a builder, sub-query or fragment can be asked for its SQL. */
export function isWrapper (value: unknown): value is SQLWrapper & { shouldOmitSQLParens?: () => boolean } {
  return typeof value === 'object' && value !== null && typeof (value as SQLWrapper).getSQL === 'function'
}

/**
 * The type to cast a value of this column to: `serial` is only known to a table's definition, and a cast to a length, which
 * `char` alone has too, would cut off what is too long.
 */
export function castTypeOf (column: PgColumn): SQL {
  if (is(column, PgEnumColumn)) return sql`${column.enum}`
  if (is(column, PgArray)) return sql`${castTypeOf(column.baseColumn)}[]`
  return sql.raw(column.getSQLType()
    .replace(/^(small|big)?serial$/, (_, size: string = '') => size === '' ? 'integer' : `${size}int`)
    .replace(/^(varchar|numeric)\s*\(.*\)$/, '$1')
    .replace(/^char(?:\s*\(.*\))?$/, 'bpchar'))
}
