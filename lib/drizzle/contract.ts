import type { Column, is, Query, SQL, StringChunk } from 'drizzle-orm'
import type { PgPreparedQuery, SelectedFieldsOrdered } from 'drizzle-orm/pg-core'

/** What `$withCache` was given. */
export interface CacheConfig { enable?: boolean, tag?: string, config?: object }

/** What a statement is prepared from, by name; the order of Drizzle's arguments differs between versions. */
export interface Preparation {
  query: Query
  fields: SelectedFieldsOrdered | undefined
  /** The name of a prepared statement; `undefined` for one that is not to be prepared. */
  name: string | undefined
  /** Whether rows come as arrays, to be read by `fields` or `mapper`; otherwise the driver's result is handed on. */
  inArrays: boolean
  mapper?: unknown
  metadata?: unknown
  cache?: CacheConfig | undefined
  /** Whose answers it may find and leave in the cache; `undefined` where its values name the owner. */
  cacheOwner?: string | undefined
  /** Whether `prepare()` was called, so that whoever has it may run it at any time. */
  isKept?: boolean
  /** Whether it is compiled for any user, whose name is one of its values. */
  isCompiled?: boolean
}

/** A statement of a session: run with values for its placeholders. */
export type PreparedQuery = Pick<PgPreparedQuery<any>, 'execute'>

/** A driver's session. */
export interface DrizzleSession {
  client?: unknown
  transaction<T> (callback: (tx: DrizzleTransaction) => Promise<T>, config?: object): Promise<T>
}

/** What a database, and its dialect, offer beyond their public types. */
export interface DrizzleDatabase {
  dialect: DrizzleDialect
  session: DrizzleSession
  transaction: DrizzleSession['transaction']
}

/** A transaction as a driver's session opens it. */
export interface DrizzleTransaction extends DrizzleDatabase {
  rollback (): never
  execute (query: SQL): Promise<unknown>
}

/** The part of a dialect that writes names and values. */
export interface DrizzleDialect {
  escapeName (name: string): string
  escapeParam (index: number): string
  escapeString (text: string): string
  sqlToQuery (sql: SQL): Query
}

/** Writes a cast around the place of a parameter. */
export type Cast = (place: string) => string

/** How the scope renders what is in a relational query of 1.x. */
export interface RelationalScope {
  /** @throws errors.UnownedTable */
  scopedTable (table: object, alias: string): object
  fragment (piece: unknown, place?: 'expression' | 'list'): object
}

/** A relational query of 1.x as SQL, and how its rows are read. */
export interface RelationalQuery { sql: SQL, selection: unknown }

/** What a builder is made with. */
export interface BuilderParts { session: object, dialect: object }

/** What differs between versions of Drizzle. */
export interface DrizzleVersion {
  readonly name: string
  /** What may be installed of it. */
  readonly range: string
  /** What is not as the scope knows it, beyond what can be told by names; `undefined` for nothing. */
  fault (): string | undefined
  /** Whether a statement has to say what tables are in it, for the cache. */
  readonly asksForTables: boolean
  /** Classes that exist under other names in other versions. */
  readonly classes: Readonly<
    Record<'Database' | 'Transaction' | 'SelectBuilder' | 'Insert' | 'Update' | 'Delete', DrizzleClass>
  >
  /** Prepares a statement in a driver's session. */
  prepare (session: DrizzleSession, preparation: Preparation): PreparedQuery
  /** Reads the arguments of a session's `prepareQuery`. */
  readPreparation (args: unknown[]): Preparation
  /** Makes a dialect name columns as another one does. */
  adoptNames (dialect: object, from: object): void
  /** A column's name in the database, as the dialect has it. */
  columnName (dialect: object, column: Column): string
  /** The text of a piece of SQL. */
  textOf (chunk: StringChunk): string
  /** The tables, views and relations that a database was made with, by their names in the schema. */
  schemaOf (database: DrizzleDatabase): Record<string, unknown>
  /** The builders of `db.query`, by the name of their table. */
  relationalQueries (database: DrizzleDatabase, parts: BuilderParts): Array<[name: string, builder: object]>
  /** Builds a relational query over scoped tables, where the dialect's own `buildRelationalQuery` is asked for one. */
  relationalQuery (dialect: object, config: object, scope: RelationalScope): RelationalQuery
  /** The session of one of `withReplicas`' replicas, as it chooses it. */
  replicaSession (database: DrizzleDatabase): DrizzleSession
  /** What an array's elements are, and in how many arrays they stand; other columns are their own. */
  elementOf (column: object): { element: object, depth: number }
  /** What a dialect's `buildSetOperations` is called with. */
  setOperationArguments (left: SQL, operators: unknown[]): unknown[]
  /** What `column.as()` was called on and with; `undefined` for a column itself. */
  aliasOf (column: Column): { column: Column, alias: string } | undefined
  /** The sub-query that an aliased field is one of, where the field knows. */
  originOf (field: SQL.Aliased): string | undefined
  /** Whether {@link castField} writes anything. */
  isCast (dialect: object, column: Column, override?: string): boolean
  /** What is selected, as the driver reads the values of this column. */
  castField (dialect: object, column: Column, value: unknown, override?: string): unknown
  /** A value as the driver takes it, or SQL where the column writes SQL. */
  encode (dialect: object | undefined, encoder: object, value: unknown): unknown
  /** Writes around the place of a parameter what values of its column need; `undefined` for nothing. */
  castOf (dialect: object | undefined, encoder: object): Cast | undefined
}

/** A class that `is()` takes. */
export type DrizzleClass = Parameters<typeof is>[1]
