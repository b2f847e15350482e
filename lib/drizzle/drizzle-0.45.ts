import { entityKind, type Column, type Param, type StringChunk } from 'drizzle-orm'
import type { CasingCache } from 'drizzle-orm/casing'
// As a namespace: another version lacks some of these, and a named import of what is not there does not link.
import * as pgCore from 'drizzle-orm/pg-core'
import { RelationalQueryBuilder } from 'drizzle-orm/pg-core/query-builders/query'
import type { CacheConfig, DrizzleSession, DrizzleVersion, Preparation, PreparedQuery } from './contract.js'

type PrepareArguments = [
  query: Preparation['query'], fields: Preparation['fields'], name: string | undefined, isResponseInArrayMode: boolean,
  customResultMapper?: unknown, queryMetadata?: unknown, cacheConfig?: CacheConfig
]

interface Session { prepareQuery (...args: PrepareArguments): PreparedQuery }
interface Dialect { casing: CasingCache }
interface Database {
  _: { schema?: Record<string, unknown>, fullSchema: Record<string, unknown>, tableNamesMap: Record<string, string> }
  select (): { session: DrizzleSession }
}

const arrayKind = 'PgArray'

/** Drizzle 0.45. */
export const drizzle045: DrizzleVersion = {
  name: '0.45',
  range: '0.45',

  fault () {
    return undefined
  },

  asksForTables: false,
  classes: {
    Database: pgCore.PgDatabase,
    Transaction: pgCore.PgTransaction,
    SelectBuilder: pgCore.PgSelectBuilder,
    Insert: pgCore.PgInsertBase,
    Update: pgCore.PgUpdateBase,
    Delete: pgCore.PgDeleteBase
  },

  prepare (session, { query, fields, name, inArrays, mapper, metadata, cache }) {
    return (session as unknown as Session).prepareQuery(query, fields, name, inArrays, mapper, metadata, cache)
  },

  readPreparation (args) {
    const [query, fields, name, inArrays, mapper, metadata, cache] = args as PrepareArguments
    return { query, fields, name, isKept: name !== undefined, inArrays, mapper, metadata, cache }
  },

  adoptNames (dialect, from) {
    (dialect as Dialect).casing = (from as Dialect).casing
  },

  columnName (dialect: object, column: Column) {
    return (dialect as Dialect).casing.getColumnCasing(column)
  },

  textOf (chunk: StringChunk) {
    return chunk.value.join('')
  },

  schemaOf (database) {
    return (database as unknown as Database)._.fullSchema
  },

  relationalQueries (database, { session, dialect }) {
    const { schema = {}, fullSchema, tableNamesMap } = (database as unknown as Database)._
    return Object.entries(schema).map(([name, config]) => [name, new RelationalQueryBuilder(
      fullSchema, schema as never, tableNamesMap, fullSchema[name] as never, config as never, dialect as never,
      session as never
    )])
  },

  // Its relational queries go through buildFromTable, buildJoins and buildSelectQuery.
  relationalQuery () {
    throw new Error('Drizzle 0.45 builds its relational queries as selects')
  },

  replicaSession (database) {
    return (database as unknown as Database).select().session
  },

  // Asked with every value, so nothing is walked that need not be.
  elementOf (column) {
    let depth = 0
    let element = column
    while ((element.constructor as { [entityKind]?: string })[entityKind] === arrayKind) {
      element = (element as { baseColumn: object }).baseColumn
      depth++
    }
    return { element, depth }
  },

  setOperationArguments (left, operators) {
    return [left, operators]
  },

  aliasOf () {
    return undefined
  },

  originOf () {
    return undefined
  },

  isCast () {
    return false
  },

  castField (_dialect, _column, value) {
    return value
  },

  encode (_dialect, encoder, value) {
    return (encoder as Param['encoder']).mapToDriverValue(value)
  },

  castOf () {
    return undefined
  }
}
