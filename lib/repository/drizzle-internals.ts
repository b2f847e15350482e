import { is, sql, type Column, type Query, type SQL, type SQLWrapper, type Subquery } from 'drizzle-orm'
import type { CasingCache } from 'drizzle-orm/casing'
import { PgDeleteBase, PgDialect, PgEnumColumn, PgInsertBase, PgInsertBuilder, PgUpdateBase } from 'drizzle-orm/pg-core'
import type { PgColumn, PgInsertConfig, PgPreparedQuery, PgSelectConfig, PgSession, SelectedFieldsOrdered, PgTable } from 'drizzle-orm/pg-core'
import { Table } from 'drizzle-orm/table'
import { ViewBaseConfig } from 'drizzle-orm/view-common'

// Everything that is taken from behind Drizzle's public types stands in this file, so that a new version
// of Drizzle is checked in one place.

export type SelectConfig = PgSelectConfig
export type SelectJoin = NonNullable<PgSelectConfig['joins']>[number]
export type SetOperator = PgSelectConfig['setOperators'][number]
export type LockingClause = NonNullable<PgSelectConfig['lockingClause']>
export type InsertConfig = Omit<PgInsertConfig, 'onConflict' | 'values'> & { values: unknown, onConflict?: unknown }

export interface UpdateConfig {
  table: PgTable
  set: Record<string, unknown>
  where?: SQL
  returning?: SelectedFieldsOrdered
  withList?: Subquery[]
  from?: PgTable | Subquery | SQL
  joins: SelectJoin[]
}

export interface DeleteConfig {
  table: PgTable
  where?: SQL
  returning?: SelectedFieldsOrdered
  withList?: Subquery[]
}

/** The built text of a statement; `writes` sends it to the primary. */
export interface BuiltQuery extends Query {
  writes: boolean
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

/** A transaction as a driver's session opens it. */
export interface TransactionInternals extends DatabaseInternals {
  rollback (): never
  execute (query: SQL): Promise<unknown>
}

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

/** The insert of Drizzle, open for a subclass. */
export interface InsertInternals {
  config: InsertConfig
  returning (): Promise<Array<Record<string, unknown>>> & { prepare (name: string): unknown }
}

export const OpenPgInsertBase = PgInsertBase as unknown as new (
  table: PgTable, values: unknown, session: PgSession, dialect: PgDialect, withList?: Subquery[], select?: boolean, overriding?: boolean
) => InsertInternals & { execute: (values?: Record<string, unknown>) => Promise<unknown> }

interface WriteInternals {
  where (where: SQL | undefined): this
  returning (): Promise<Array<Record<string, unknown>>> & { prepare (name: string): unknown }
}

/** The update and the delete of Drizzle, open for a subclass. */
export const OpenPgUpdateBase = PgUpdateBase as unknown as new (
  table: PgTable, set: Record<string, unknown>, session: PgSession, dialect: PgDialect, withList?: Subquery[]
) => WriteInternals
export const OpenPgDeleteBase = PgDeleteBase as unknown as new (
  table: PgTable, session: PgSession, dialect: PgDialect, withList?: Subquery[]
) => WriteInternals

export interface InsertBuilderInternals {
  table: PgTable
  session: PgSession
  dialect: PgDialect
  withList?: Subquery[]
  overridingSystemValue_?: boolean
}

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

/** Reads a table, or an alias of one. */
export function tableFacts (table: PgTable): TableFacts {
  const raw = table as unknown as SymbolTable
  return {
    schema: raw[(Table as any).Symbol.Schema],
    name: raw[(Table as any).Symbol.OriginalName],
    alias: raw[(Table as any).Symbol.Name],
    isAlias: raw[(Table as any).Symbol.IsAlias],
    columns: raw[(Table as any).Symbol.Columns],
    identity: raw[(Table as any).Symbol.ExtraConfigColumns]
  }
}

/** A table's columns by their property names. */
export function columnsOf (table: PgTable): Record<string, PgColumn> {
  return (table as unknown as SymbolTable)[(Table as any).Symbol.Columns]
}

/** Reads a view, or an alias of one. */
export function viewFacts (view: object): { schema: string | undefined, name: string, alias: string, selectedFields: Record<string, unknown> } {
  const config = (view as SymbolTable)[ViewBaseConfig]
  return { schema: config.schema, name: config.originalName, alias: config.name, selectedFields: config.selectedFields }
}

/** What the query calls the table a column belongs to. */
export function tableAliasOf (column: Column): string {
  return (column.table as unknown as SymbolTable)[(Table as any).Symbol.Name]
}

/** Whether a builder, sub-query or fragment can be asked for its SQL. */
export function isWrapper (value: unknown): value is SQLWrapper & { shouldOmitSQLParens?: () => boolean } {
  return typeof value === 'object' && value !== null && typeof (value as SQLWrapper).getSQL === 'function'
}

/**
 * The type to cast a value of this column to: `serial` is only known to a table's definition, and a cast to a length would
 * cut off what is too long.
 */
export function castTypeOf (column: PgColumn): SQL {
  if (is(column, PgEnumColumn)) return sql`${column.enum}`
  return sql.raw(column.getSQLType()
    .replace(/^(small|big)?serial$/, (_, size: string = '') => size === '' ? 'integer' : `${size}int`)
    .replace(/^(varchar|numeric)\s*\(.*\)$/, '$1')
    .replace(/^char\s*\(.*\)$/, 'bpchar'))
}
