import { Column, is, SQL, type Query, type Subquery } from 'drizzle-orm'
import type { CasingCache } from 'drizzle-orm/casing'
import { PgDeleteBase, PgDialect, PgInsertBase, PgInsertBuilder, PgUpdateBase } from 'drizzle-orm/pg-core'
import type { PgInsertConfig, PgSelectConfig, PgSession, SelectedFieldsOrdered, PgTable } from 'drizzle-orm/pg-core'
import type { DrizzleSession } from './contract.js'

// What is taken from behind Drizzle's public types stands here, and in table-facts.ts what a table or a column is, so that
// a new version of Drizzle is checked in two places.

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

/**
 * The built text of a statement; `writes` sends it to the primary, `isRaw` is the caller's own text. One that `isRepeatable` reads tables and
 * calls nothing that could have an effect.
 */
export interface BuiltQuery extends Query {
  writes: boolean
  isRepeatable: boolean
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

/** What a driver's session offers. */
export interface SessionInternals extends DrizzleSession {
  transaction<T> (callback: (tx: TransactionInternals) => Promise<T>, config?: object): Promise<T>
}

/** A transaction as a driver's session opens it. */
export interface TransactionInternals extends DatabaseInternals {
  rollback (): never
  execute (query: SQL): Promise<unknown>
}

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

/** Makes a sub-query of one field in the select list read its value as that field does. */
export function decodeLikeItsField (field: Subquery): void {
  const entries = Object.values(field._.selectedFields)
  if (entries.length !== 1) return
  const [entry] = entries
  const decoder = is(entry, Column) ? entry : (is(entry, SQL.Aliased) ? entry.sql : entry) as unknown as { decoder: unknown }
  const target = field._.sql as unknown as { decoder: unknown }
  target.decoder = is(entry, Column)
    ? { mapFromDriverValue: (value: unknown) => entry.mapFromDriverValue(value) }
    : (decoder as { decoder: unknown }).decoder
}
