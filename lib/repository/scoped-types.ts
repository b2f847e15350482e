import type { InferSelectModel, Placeholder, SQL, SQLWrapper } from 'drizzle-orm'
import type {
  PgColumn, PgInsertBuilder, PgQueryResultHKT, PgQueryResultKind, PgTable, PgTransactionConfig, PgUpdateSetSource
} from 'drizzle-orm/pg-core'
import type { Delete, Insert, KeyOfColumn, PlainDatabase, ResultOf, UpdateStart } from '../drizzle/version-types.js'
import type { OrderBy } from './order.js'

/**
 * Where an app says what its scope is made of, once, for all handlers: `db`, the type of its database, `ownerColumn`
 * where that is not `'user_id'` (`string` where it is a function, since types know nothing of what it answers), and
 * `organization`, the column of its organizations, where there are any: `organization: 'org_id'`.
 * @example
 * ```ts
 * declare module 'fastify-auth-integration' {
 *   interface Register { db: typeof db }
 * }
 * ```
 */
export interface Register {}

/** The app's own database type, when it is registered. */
export type RegisteredDatabase = Register extends { db: infer Database } ? Database : PlainDatabase

type OwnerColumnName = Register extends { ownerColumn: infer Name extends string } ? Name : 'user_id'
type OrganizationColumnName = Register extends { organization: infer Name extends string } ? Name : never
type AnyOwner = string extends OwnerColumnName ? true : false
type CamelCase<Name extends string> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name

type UserColumnNames = AnyOwner extends true ? never : OwnerColumnName | CamelCase<OwnerColumnName>
type OwnerColumnNames = UserColumnNames | OrganizationColumnName | CamelCase<OrganizationColumnName>

/** The properties of a table's owner columns; `never` where the table has none. */
export type OwnerKey<TTable extends PgTable> = [OwnerColumnNames] extends [never]
  ? never
  : KeyOfColumn<TTable, OwnerColumnNames>

type NoOwner<Name extends string> =
  `"${Name}" has no owner column "${OwnerColumnName}"${OrOrganization}, so the scope does not reach it: give it one`
type OrOrganization = [OrganizationColumnName] extends [never] ? '' : ` or "${OrganizationColumnName}"`

/** Any table with an owner column; for another, the sentence that the compiler shows. */
export type Owned<TTable extends PgTable> = AnyOwner extends true
  ? unknown
  : string extends keyof TTable['_']['columns']
    ? unknown
    : [OwnerKey<TTable>] extends [never]
        ? NoOwner<TTable['_']['name']>
        : unknown

type WrittenByTheScope<TTable extends PgTable> = {
  [Key in OwnerKey<TTable>]?: 'The owner is written by the scope: leave it out'
}
type Row<TTable extends PgTable> = InferSelectModel<TTable>
type OrSql<Values> = { [Key in keyof Values]: Values[Key] | SQL }

/** A row to insert: the owner is not in it, the scope writes it. */
export type OwnedInsert<TTable extends PgTable> =
  OrSql<Omit<TTable['$inferInsert'], OwnerKey<TTable>>> & WrittenByTheScope<TTable>

/** Values to change in a row; never its owner. */
export type OwnedPatch<TTable extends PgTable> =
  Omit<PgUpdateSetSource<TTable>, OwnerKey<TTable>> & WrittenByTheScope<TTable>

type PrimaryKeyProperty<TTable extends PgTable> = {
  [Key in keyof TTable['_']['columns'] & keyof Row<TTable>]:
  TTable['_']['columns'][Key]['_']['isPrimaryKey'] extends true ? Key : never
}[keyof TTable['_']['columns'] & keyof Row<TTable>]

// A key declared by primaryKey({ columns }) is not in the types: any value that a column of the table can have.
type KeyValue<TTable extends PgTable> = string extends keyof TTable['_']['columns']
  ? string | number | bigint | Date
  : [PrimaryKeyProperty<TTable>] extends [never]
      ? Extract<Row<TTable>[keyof Row<TTable>], string | number | bigint | Date>
      : Row<TTable>[PrimaryKeyProperty<TTable>]

/**
 * What names a row among the user's: the value of its primary key, of that column's type (a `string` for `uuid()`, a
 * `number` for `serial()`), or an object of its columns without the owner.
 */
export type RowId<TTable extends PgTable> = KeyValue<TTable> | Partial<Row<TTable>>

type Selected<TTable extends PgTable, Columns> = Columns extends Record<string, boolean | undefined>
  ? true extends Columns[keyof Columns]
    ? Pick<Row<TTable>, {
      [Key in keyof Columns & keyof Row<TTable>]: Columns[Key] extends true ? Key : never
    }[keyof Columns & keyof Row<TTable>]>
    : Omit<Row<TTable>, keyof Columns>
  : Row<TTable>

/** What `findMany` takes. */
export interface FindManyOptions<TTable extends PgTable, Columns = undefined> {
  /** A condition beside the owner's, which is always there. */
  where?: SQL
  orderBy?: OrderBy
  /** Whole number from 0; no limit by default. */
  limit?: number
  /** Whole number from 0. Default 0. */
  offset?: number
  /** `{ id: true }` selects these, `{ body: false }` all others. Default all. */
  columns?: Columns & { [Key in keyof Row<TTable>]?: boolean }
}

/** What `paginate` takes. */
export interface PaginateOptions {
  /** A condition beside the owner's, which is always there. */
  where?: SQL
  /** Columns, plain or in `asc()` or `desc()`. Default: the primary key. */
  orderBy?: OrderBy
  /** Whole number from 1 to 1000. Default 20. */
  limit?: number
  /** The `nextCursor` of the page before; none for the first page. */
  cursor?: string | null
}

/** One page and the way to the next, `null` behind the last. */
export interface Page<Item> { items: Item[], nextCursor: string | null }

/** CRUD over the rows of one table that are the user's. */
export interface UserRepository<TTable extends PgTable> {
  /**
   * The user's rows, all of them without options. @throws errors.UnsafeFragment when a raw condition is not one
   * expression
   */
  findMany<const Columns = undefined> (
    options?: FindManyOptions<TTable, Columns>
  ): Promise<Array<Selected<TTable, Columns>>>
  /** The first of the user's rows, or `undefined` when there is none. */
  findFirst<const Columns = undefined> (
    options?: Omit<FindManyOptions<TTable, Columns>, 'limit'>
  ): Promise<Selected<TTable, Columns> | undefined>
  /** The row, or `undefined` when it is not there or not the user's. */
  findById (id: RowId<TTable>): Promise<Row<TTable> | undefined>
  /** The row. @throws errors.NotFound (404) when it is not there or not the user's */
  getById (id: RowId<TTable>): Promise<Row<TTable>>
  /**
   * One page by keyset, stable while rows are inserted: `orderBy` columns, then the primary key.
   * @throws errors.InvalidCursor (400) for a cursor that was not issued for this table and order
   */
  paginate (options?: PaginateOptions): Promise<Page<Row<TTable>>>
  /** How many of the user's rows there are. */
  count (where?: SQL): Promise<number>
  /** Whether the user has such a row. */
  exists (where?: SQL): Promise<boolean>
  /** The new row; the owner is written by the scope. @throws errors.ForeignOwner (403) for a value of another user */
  insert (values: OwnedInsert<TTable>): Promise<Row<TTable>>
  /** The new rows, in their order; all of them or, when one is refused, none. */
  insert (values: Array<OwnedInsert<TTable>>): Promise<Array<Row<TTable>>>
  /**
   * Inserts, or updates the user's own row that is in the way. @throws errors.Conflict (409) when that row is another
   * user's
   */
  upsert (
    values: OwnedInsert<TTable>, options: {
      /** The columns of the unique index, with the owner. */
      target: PgColumn | PgColumn[]
      /** The condition of the index, where it is a partial one. */
      targetWhere?: SQL
      /** What an existing row gets. Default: the values. */
      set?: OwnedPatch<TTable>
    }
  ): Promise<Row<TTable>>
  /** The changed row, or `undefined` when it is not there or not the user's. */
  updateById (id: RowId<TTable>, patch: OwnedPatch<TTable>): Promise<Row<TTable> | undefined>
  /** The changed rows. @throws errors.MissingCondition when the condition is `undefined` */
  update (where: SQL, patch: OwnedPatch<TTable>): Promise<Array<Row<TTable>>>
  /** The deleted row, or `undefined` when it was not there or not the user's. */
  deleteById (id: RowId<TTable>): Promise<Row<TTable> | undefined>
  /** The deleted rows. @throws errors.MissingCondition when the condition is `undefined` */
  delete (where: SQL): Promise<Array<Row<TTable>>>
}

/** Drizzle's insert, with the owner left out or given as the user's own id. */
export interface UserInsertBuilder<TTable extends PgTable, TResult extends PgQueryResultHKT>
  extends Omit<PgInsertBuilder<TTable, TResult>, 'values' | 'select' | 'overridingSystemValue'> {
  values (values: UserInsertValue<TTable> | Array<UserInsertValue<TTable>>): Insert<TTable, TResult>
  /** A query whose fields are named like columns; the owner is overwritten. */
  select (query: unknown): Insert<TTable, TResult>
  overridingSystemValue (): Omit<UserInsertBuilder<TTable, TResult>, 'overridingSystemValue'>
}

type InsertValues<TTable extends PgTable> = Omit<TTable['$inferInsert'], OwnerKey<TTable>>
type UserInsertValue<TTable extends PgTable> =
  { [Key in keyof InsertValues<TTable>]: InsertValues<TTable>[Key] | SQL | Placeholder } &
  { [Key in OwnerKey<TTable>]?: string | number }

type Builders<Database> = Pick<
  Database & PlainDatabase,
  Extract<keyof Database, 'select' | 'selectDistinct' | 'selectDistinctOn' | '$with' | '$count' | 'query'>
>
type WithBuilders<Database> = Database extends { with: (...queries: infer Queries) => infer Answer }
  ? { with (...queries: Queries): Omit<Answer, 'insert' | 'update' | 'delete'> & Writers<ResultOf<Database>> }
  : unknown

interface Writers<TResult extends PgQueryResultHKT> {
  insert<TTable extends PgTable> (table: TTable & Owned<TTable>): UserInsertBuilder<TTable, TResult>
  update<TTable extends PgTable> (table: TTable & Owned<TTable>): UpdateStart<TTable, TResult>
  delete<TTable extends PgTable> (table: TTable & Owned<TTable>): Delete<TTable, TResult>
}

/** Drizzle's builders over the user's rows. */
export type UserDatabase<Database = RegisteredDatabase> =
  Builders<Database> & WithBuilders<Database> & Writers<ResultOf<Database>> & UserMethods<Database>

interface UserMethods<Database> {
  /** Typed CRUD over one owned table. */
  repository<TTable extends PgTable> (table: TTable & Owned<TTable>): UserRepository<TTable>
  /**
   * One raw statement, only with `rowLevelSecurity`; it answers what the driver answers.
   * @throws errors.Unsupported without row-level security
   * @throws errors.UnsafeFragment for several statements, transaction control, SET, RESET, DO or `set_config`
   */
  execute<TRow extends Record<string, unknown> = Record<string, unknown>> (
    query: SQLWrapper | string
  ): Promise<PgQueryResultKind<ResultOf<Database>, TRow>>
  /** The handle is dead after the callback's end; inside the callback use it and not the outer one. */
  transaction<T> (callback: (tx: UserTransaction<Database>) => Promise<T>, config?: PgTransactionConfig): Promise<T>
}

/** {@link UserDatabase} inside a transaction. */
export type UserTransaction<Database = RegisteredDatabase> = UserDatabase<Database> & { rollback (): never }
