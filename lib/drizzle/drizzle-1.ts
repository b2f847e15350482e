import { Column, is, SQL, type DrizzleEntity, type Param, type StringChunk } from 'drizzle-orm'
import * as pgCore from 'drizzle-orm/pg-core'
import * as queries from 'drizzle-orm/pg-core/query-builders/query'
import { errors } from '../errors.js'
import { findFault } from './shape-1.js'
import {
  buildRelationalQuery, type Codecs as RelationalCodecs, type RelationalConfig, type RelationalQuery
} from './relations-1.js'
import type {
  CacheConfig, DrizzleClass, DrizzleSession, DrizzleVersion, Preparation, PreparedQuery
} from './contract.js'

type Class = DrizzleEntity & (new (...args: any[]) => any)

// What 1.x exports and 0.45, whose types are compiled with, does not.
const core = pgCore as unknown as Record<
  | 'PgAsyncDatabase'
  | 'PgAsyncTransaction'
  | 'PgAsyncSelectBase'
  | 'PgAsyncInsertBase'
  | 'PgAsyncUpdateBase'
  | 'PgAsyncDeleteBase'
  | 'PgAsyncRelationalQuery',
  Class
>

type PrepareArguments = [
  query: Preparation['query'], mode: 'arrays' | 'objects' | 'raw', name: string | boolean, mapper?: unknown,
  queryMetadata?: object, cacheConfig?: CacheConfig
]

interface Session { prepareQuery (...args: PrepareArguments): PreparedQuery }

interface Database {
  _: { relations: Record<string, { table: object }> }
  query: Record<string, { parseJson?: boolean }>
  $replica: { session: DrizzleSession }
}

/** How values of one column are written and read beyond the column's own mapping, by driver. */
interface Codec extends Record<string, unknown> {
  castParam?: (place: string, column: object, dimensions: number) => string
  normalizeParam?: (value: unknown, dimensions: number) => unknown
}

interface Codecs extends RelationalCodecs {
  codecsOf (column: object, override?: string): Codec
}

interface Dialect { codecs: Codecs }

const dialectMethods = pgCore.PgDialect.prototype as unknown as {
  buildRelationalQuery(this: object, config: RelationalConfig): RelationalQuery
}

const originalColumn = Symbol.for('drizzle:OriginalColumn')

interface ReadColumn {
  name: string
  codec?: string
  dimensions: number
  isAlias: boolean
  [originalColumn] (): Column
}

/** Drizzle 1.0, from its release candidate 5 on. Made where it is installed: 0.45 has none of the classes. */
export function createDrizzle1 (): DrizzleVersion {
  class SelectBuilder extends (pgCore.PgSelectBuilder as unknown as Class) {
    constructor (config: object) {
      super(config, core.PgAsyncSelectBase)
    }
  }

  // Columns may be listed before the values there, which the scope does not take.
  class Insert extends core.PgAsyncInsertBase {
    constructor (
      table: unknown,
      values: unknown,
      session: unknown,
      dialect: unknown,
      withList?: unknown,
      select?: boolean,
      overriding?: boolean
    ) {
      super(table, values, session, dialect, withList, select, undefined, overriding)
    }
  }

  return {
    name: '1.0.0-rc.5',
    range: '1.0.0-rc.5 or 0.45',
    fault: findFault,
    asksForTables: true,
    classes: {
      Database: core.PgAsyncDatabase,
      Transaction: core.PgAsyncTransaction,
      SelectBuilder: SelectBuilder as unknown as DrizzleClass,
      Insert: Insert as unknown as DrizzleClass,
      Update: core.PgAsyncUpdateBase,
      Delete: core.PgAsyncDeleteBase
    },

    prepare (session, { query, name, inArrays, mapper, metadata, cache }) {
      // Drizzle would look for the tables inside of what the scope has built, which is opaque to it.
      const tables = (): string[] => (query as { tables?: string[] }).tables ?? []
      const described =
        (metadata as { type?: string } | undefined)?.type === 'select'
          ? { ...(metadata as object), tables }
          : (metadata as object)
      return (session as unknown as Session).prepareQuery(
        query,
        inArrays ? 'arrays' : 'raw',
        name ?? false,
        mapper,
        described,
        cache
      )
    },

    readPreparation (args) {
      const [query, mode, name, mapper, metadata, cache] = args as PrepareArguments
      if (mode === 'objects') {
        throw new errors.Unsupported('A driver of Drizzle that shapes the rows itself is not supported')
      }
      return {
        query,
        fields: undefined,
        name: typeof name === 'string' ? name : undefined,
        // `true` for `prepare()` without a name.
        isKept: name !== undefined && name !== false,
        inArrays: mode === 'arrays',
        mapper,
        metadata,
        cache
      }
    },

    adoptNames (dialect, from) {
      (dialect as Dialect).codecs = (from as Dialect).codecs
    },

    columnName (_dialect, column) {
      return column.name
    },

    textOf (chunk: StringChunk) {
      return chunk.value as unknown as string ?? ''
    },

    schemaOf (database) {
      return Object.fromEntries(
        Object.entries((database as unknown as Database)._.relations).map(([name, { table }]) => [name, table])
      )
    },

    relationalQueries (database, { session, dialect }) {
      const { _: { relations }, query } = database as unknown as Database
      return Object.entries(relations).map(([name, config]) => [
        name,
        new (queries.RelationalQueryBuilder as unknown as Class)(
          relations,
          config.table,
          config,
          dialect,
          session,
          query[name]?.parseJson ?? false,
          core.PgAsyncRelationalQuery
        )
      ])
    },

    relationalQuery (dialect, config, scope) {
      const { codecs } = dialect as Dialect
      return buildRelationalQuery(
        (config, codecs) =>
          dialectMethods.buildRelationalQuery.call(Object.create(dialect, { codecs: { value: codecs } }), config),
        config as RelationalConfig,
        codecs,
        scope
      )
    },

    replicaSession (database) {
      return (database as unknown as Database).$replica.session
    },

    elementOf (column) {
      return { element: column, depth: (column as Partial<ReadColumn>).dimensions ?? 0 }
    },

    setOperationArguments (left, operators) {
      return [left, undefined, false, operators]
    },

    aliasOf (column) {
      const aliased = column as unknown as ReadColumn
      return aliased.isAlias ? { column: aliased[originalColumn](), alias: aliased.name } : undefined
    },

    originOf (field) {
      return (field as { origin?: string }).origin
    },

    isCast (dialect, column, override) {
      return (dialect as Dialect).codecs.get(column, 'cast', override) !== undefined
    },

    castField (dialect, column, value, override) {
      return (dialect as Dialect).codecs.apply(column, 'cast', value, override)
    },

    encode (dialect, encoder, value) {
      const mapped = (encoder as Param['encoder']).mapToDriverValue(value)
      if (!is(encoder, Column) || is(mapped, SQL)) return mapped
      const column = encoder as unknown as ReadColumn
      if (jsonTypeOf(column) !== undefined) return jsonText(column, mapped)
      const { normalizeParam } = (dialect as Dialect).codecs.codecsOf(column)
      return normalizeParam === undefined ? mapped : valueFor(column, () => normalizeParam(mapped, column.dimensions))
    },

    castOf (dialect, encoder) {
      if (!is(encoder, Column)) return undefined
      const column = encoder as unknown as ReadColumn
      const json = jsonTypeOf(column)
      // As text, whatever the driver makes of JSON: `postgres` encodes it while it sends, where nothing may fail.
      if (json !== undefined) return (place) => `cast(cast(${place} as text) as ${json})`
      const { castParam } = (dialect as Dialect).codecs.codecsOf(column)
      return castParam === undefined ? undefined : (place) => castParam(place, column, column.dimensions)
    }
  }
}

function jsonTypeOf ({ codec, dimensions }: ReadColumn): string | undefined {
  return dimensions === 0 && (codec === 'json' || codec === 'jsonb') ? codec : undefined
}

function jsonText (column: ReadColumn, value: unknown): string {
  const text = valueFor(column, () => JSON.stringify(value))
  if (text === undefined) {
    throw new errors.InvalidArgument(
      `"${column.name}" takes a value that JSON can hold, got a value of type ${typeof value}`
    )
  }
  return text
}

// A value of the wrong kind, such as a text for an array.
function valueFor<T> ({ name }: ReadColumn, encode: () => T): T {
  try {
    return encode()
  } catch (cause) {
    throw new errors.InvalidArgument(`"${name}" cannot take this value: ${(cause as Error).message}`, { cause })
  }
}
