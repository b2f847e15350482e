import type { Column, Query, SQL, Subquery } from 'drizzle-orm'
import {
  PgDialect, type PgInsertConfig, type PgSelectConfig, type PgTable, type SelectedFieldsOrdered
} from 'drizzle-orm/pg-core'
import type { DrizzleDialect, RelationalQuery, RelationalScope } from './contract.js'
import { drizzle } from './version.js'

/** What a select is built from. */
export type SelectConfig = PgSelectConfig & BuiltFor & { setFieldsFlat?: SelectedField[] }
/** What 1.x says of a statement beside what it is made of. */
export interface BuiltFor {
  /** Whether the driver reads its fields, which are cast then to what it can read; not in a sub-query. */
  useSelectionCastCodecs?: boolean
  /** Of `.comment()`. */
  comment?: unknown
}
/** One of the fields of a statement; in 1.x `column` and `codecOverride` say how it is read. */
export type SelectedField = SelectedFieldsOrdered[number] & {
  fieldType?: string
  column?: Column
  codecOverride?: string
}
/** One join of a select. */
export type SelectJoin = NonNullable<PgSelectConfig['joins']>[number]
/** One `union`, `intersect` or `except` of a select. */
export type SetOperator = PgSelectConfig['setOperators'][number]
/** `for update` and its kin. */
export type LockingClause = NonNullable<PgSelectConfig['lockingClause']>
/** What an insert is built from; its values and what it does on a conflict are the scope's own. */
export type InsertConfig = Omit<PgInsertConfig, 'onConflict' | 'values'> & BuiltFor & {
  values: unknown
  onConflict?: unknown
}

/** What an update is built from. */
export interface UpdateConfig extends DeleteConfig {
  set: Record<string, unknown>
  from?: PgTable | Subquery | SQL
  joins: SelectJoin[]
}

/** What a delete is built from. */
export interface DeleteConfig extends BuiltFor {
  table: PgTable
  where?: SQL
  returning?: SelectedFieldsOrdered
  withList?: Subquery[]
}

/** The methods of Drizzle's dialect that a scoped one overrides or leans on, private ones included. */
export interface DialectInternals extends DrizzleDialect {
  buildWithCTE (queries: Subquery[] | undefined): SQL | undefined
  buildSelection (fields: SelectedField[], options?: { isSingleTable?: boolean, ignoreCastCodecs?: boolean }): SQL
  buildJoins (joins: SelectJoin[] | undefined): SQL | undefined
  buildFromTable (table: unknown): unknown
  buildSelectQuery (config: SelectConfig): SQL
  buildSetOperations (...args: unknown[]): SQL
  buildInsertQuery (config: InsertConfig): SQL
  buildUpdateSet (table: PgTable, set: Record<string, unknown>): SQL
  buildUpdateQuery (config: UpdateConfig): SQL
  buildDeleteQuery (config: DeleteConfig): SQL
  buildRefreshMaterializedViewQuery (config: unknown): SQL
}

const Dialect = PgDialect as unknown as new () => DialectInternals

/** Drizzle's PostgreSQL dialect, open for a subclass. */
export abstract class OpenDialect extends Dialect {
  /** @param from the dialect whose names of columns, and ways to read and write their values, it takes */
  constructor (from: DrizzleDialect) {
    super()
    drizzle.adoptNames(this, from)
  }

  abstract override sqlToQuery (statement: SQL): Query

  /** A relational query of 1.x over scoped tables. */
  protected relationalQuery (config: object, scope: RelationalScope): RelationalQuery {
    return drizzle.relationalQuery(this, config, scope)
  }

  /** Several statements as one. */
  combine (left: SQL, operators: SetOperator[]): SQL {
    return this.buildSetOperations(...drizzle.setOperationArguments(left, operators))
  }

  /** What is selected, as the driver reads it. */
  readField ({ column, codecOverride }: SelectedField, value: unknown): unknown {
    return column === undefined ? value : drizzle.castField(this, column, value, codecOverride)
  }

  /** Whether {@link readField} changes anything. */
  isReadByCast ({ column, codecOverride }: SelectedField): boolean {
    return column !== undefined && drizzle.isCast(this, column, codecOverride)
  }

  /** A column's name in the database. */
  columnName (column: Column): string {
    return drizzle.columnName(this, column)
  }
}

/** A column's name in the database, as this dialect has it. */
export function columnNameOf (dialect: DrizzleDialect, column: Column): string {
  return drizzle.columnName(dialect, column)
}
