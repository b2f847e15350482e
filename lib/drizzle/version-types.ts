// The types of the version that is installed where an app is compiled: of what the other version alone has, nothing is known there, and
// each line that names it is one that the compiler is told to pass over. The comments are kept in the declarations.
/* eslint-disable import-x/no-duplicates -- one line each, for the compiler to pass over */
import type * as pgCore from 'drizzle-orm/pg-core'
import type { PgQueryResultHKT, PgTable } from 'drizzle-orm/pg-core'
/** @ts-ignore Of 0.45. */
import type { PgDatabase, PgDeleteBase, PgInsertBase, PgUpdateBuilder, PgTimestampBuilderInitial } from 'drizzle-orm/pg-core'
/** @ts-ignore Of 1.x. */
import type { PgAsyncDatabase, PgAsyncDeleteBase, PgAsyncInsertBase, PgAsyncUpdateHKT, PgTimestampBuilder } from 'drizzle-orm/pg-core'
/** @ts-ignore Of 1.x. */
import type { SetHasDefault, SetHasRuntimeDefault, SetNotNull } from 'drizzle-orm/pg-core'
/** @ts-ignore Of both. */
import type { HasDefault, HasRuntimeDefault, NotNull } from 'drizzle-orm'

/** Whether Drizzle 1.x is installed. */
export type IsDrizzle1 = typeof pgCore extends { PgAsyncDatabase: unknown } ? true : false

/** @ts-ignore */
type Database0 = PgDatabase<any, any, any>
/** @ts-ignore */
type Database1 = PgAsyncDatabase<any, any>
/** Any database for PostgreSQL. */
export type AnyDatabase = IsDrizzle1 extends true ? Database1 : Database0

/** @ts-ignore */
type PlainDatabase0 = PgDatabase<PgQueryResultHKT, Record<string, never>>
/** @ts-ignore */
type PlainDatabase1 = PgAsyncDatabase<PgQueryResultHKT>
/** A database of which no more is known: no schema, no driver. */
export type PlainDatabase = IsDrizzle1 extends true ? PlainDatabase1 : PlainDatabase0

/** @ts-ignore */
type ResultOf0<Database> = Database extends PgDatabase<infer Result, any, any> ? Result : PgQueryResultHKT
/** @ts-ignore */
type ResultOf1<Database> = Database extends PgAsyncDatabase<infer Result, any> ? Result : PgQueryResultHKT
/** What the driver of a database answers. */
export type ResultOf<Database> = IsDrizzle1 extends true ? ResultOf1<Database> : ResultOf0<Database>

/** @ts-ignore */
type Insert0<TTable extends PgTable, TResult extends PgQueryResultHKT> = PgInsertBase<TTable, TResult>
/** @ts-ignore */
type Insert1<TTable extends PgTable, TResult extends PgQueryResultHKT> = PgAsyncInsertBase<TTable, TResult>
/** An insert with its rows. */
export type Insert<TTable extends PgTable, TResult extends PgQueryResultHKT> = IsDrizzle1 extends true ? Insert1<TTable, TResult> : Insert0<TTable, TResult>

/** @ts-ignore */
type UpdateStart0<TTable extends PgTable, TResult extends PgQueryResultHKT> = PgUpdateBuilder<TTable, TResult>
/** @ts-ignore */
type UpdateStart1<TTable extends PgTable, TResult extends PgQueryResultHKT> = PgUpdateBuilder<TTable, TResult, PgAsyncUpdateHKT>
/** An update before `set()`. */
export type UpdateStart<TTable extends PgTable, TResult extends PgQueryResultHKT> = IsDrizzle1 extends true ? UpdateStart1<TTable, TResult> : UpdateStart0<TTable, TResult>

/** @ts-ignore */
type Delete0<TTable extends PgTable, TResult extends PgQueryResultHKT> = PgDeleteBase<TTable, TResult>
/** @ts-ignore */
type Delete1<TTable extends PgTable, TResult extends PgQueryResultHKT> = PgAsyncDeleteBase<TTable, TResult>
/** A delete. */
export type Delete<TTable extends PgTable, TResult extends PgQueryResultHKT> = IsDrizzle1 extends true ? Delete1<TTable, TResult> : Delete0<TTable, TResult>

/** The property that has this database name; 1.x keeps no database names in types, where the property's own name decides. */
export type KeyOfColumn<TTable extends PgTable, Name extends string> = IsDrizzle1 extends true
  ? Extract<keyof TTable['_']['columns'], Name>
  : {
      [Key in keyof TTable['_']['columns']]: TTable['_']['columns'][Key]['_']['name'] extends Name ? Key : never
    }[keyof TTable['_']['columns']]

/** @ts-ignore */
type CreatedAt0 = HasRuntimeDefault<HasDefault<NotNull<PgTimestampBuilderInitial<'created_at'>>>>
/** @ts-ignore */
type CreatedAt1 = SetHasRuntimeDefault<SetNotNull<PgTimestampBuilder>>
/** @ts-ignore */
type UpdatedAt0 = HasDefault<HasRuntimeDefault<HasDefault<NotNull<PgTimestampBuilderInitial<'updated_at'>>>>>
/** @ts-ignore */
type UpdatedAt1 = SetHasDefault<SetHasRuntimeDefault<SetNotNull<PgTimestampBuilder>>>
/** A column that is set when a row is inserted. */
export type CreatedAt = IsDrizzle1 extends true ? CreatedAt1 : CreatedAt0
/** A column that is set when a row is inserted or updated. */
export type UpdatedAt = IsDrizzle1 extends true ? UpdatedAt1 : UpdatedAt0
