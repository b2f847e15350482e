import { is, SQL, type Column } from 'drizzle-orm'
import {
  getMaterializedViewConfig,
  getTableConfig,
  getViewConfig,
  IndexedColumn,
  PgColumn,
  PgMaterializedView,
  PgTable,
  type ForeignKey,
  type Index,
  type PgPolicy,
  type PgView
} from 'drizzle-orm/pg-core'
import { casedName, createColumnNames, createSqlTexts } from '../drizzle/casing.js'
import { sqlTypeOf } from '../drizzle/cast-types.js'
import { formatType } from './column-types.js'
import {
  tableKey,
  type ColumnFacts,
  type ForeignKeyFacts,
  type KeyFacts,
  type PolicyFacts,
  type TableFacts
} from './facts.js'

/** `casing` of the app's `drizzle()`. */
export type Casing = 'snake_case' | 'camelCase' | undefined

/** A table or view of a Drizzle schema. */
export type Declared = PgTable | PgView | PgMaterializedView

/** Reads a table or view of a Drizzle schema. */
export function schemaFacts (source: Declared, casing: Casing): TableFacts {
  const nameOf = createColumnNames(casing)
  const textOf = createSqlTexts(casing)
  const text = (sql: SQL | undefined): string | undefined =>
    sql === undefined ? undefined : textOf(sql)
  return is(source, PgTable) ? readTable(source, casing, nameOf, text) : readView(source, nameOf, text)
}

type Text = (sql: SQL | undefined) => string | undefined
type NameOf = (column: Column) => string

function readTable (table: PgTable, casing: Casing, nameOf: NameOf, text: Text): TableFacts {
  const config = getTableConfig(table)
  return {
    ...empty(config.schema, config.name, 'table'),
    columns: config.columns.map((column) => readColumn(column, nameOf, text)),
    keys: [
      ...config.columns
        .filter((column) => column.primary)
        .map((column) => key(`${config.name}_pkey`, 'primary key', [nameOf(column)])),
      ...config.primaryKeys.map((primary) => key(primary.getName(), 'primary key', primary.columns.map(nameOf))),
      ...config.columns
        .filter((column) => column.isUnique)
        .map((column) => key(column.uniqueName!, 'unique constraint', [nameOf(column)])),
      ...config.uniqueConstraints.map((unique) =>
        key(unique.getName()!, 'unique constraint', unique.columns.map(nameOf))
      ),
      ...config.indexes.map((index) => readIndex(index, casing))
    ],
    foreignKeys: config.foreignKeys.map((foreignKey) => readForeignKey(foreignKey, nameOf)),
    policies: config.policies.map((policy) => readPolicy(policy, text)),
    // drizzle-kit enables it on every table that has a policy.
    rowLevelSecurity: config.enableRLS || config.policies.length > 0
  }
}

function readView (view: PgView | PgMaterializedView, nameOf: NameOf, text: Text): TableFacts {
  const materialized = is(view, PgMaterializedView)
  const config = materialized ? getMaterializedViewConfig(view) : getViewConfig(view)
  const options = materialized ? undefined : getViewConfig(view as PgView).with
  return {
    ...empty(config.schema, config.name, materialized ? 'materialized view' : 'view'),
    columns: Object.values(config.selectedFields)
      .filter((field): field is PgColumn => is(field, PgColumn))
      .map((column) => readColumn(column, nameOf, text)),
    // A view marked as existing says nothing about how it was made.
    securityInvoker: config.isExisting || materialized ? undefined : options?.securityInvoker === true
  }
}

function empty (schema: string | undefined, name: string, kind: TableFacts['kind']): TableFacts {
  return {
    from: 'schema',
    key: tableKey(schema, name),
    schema: schema ?? 'public',
    name,
    kind,
    columns: [],
    keys: [],
    foreignKeys: [],
    policies: [],
    rowLevelSecurity: false,
    triggers: [],
    reads: []
  }
}

function readColumn (column: PgColumn, nameOf: NameOf, text: Text): ColumnFacts {
  const type = sqlTypeOf(column)
  return {
    name: nameOf(column),
    type: formatType(type),
    nullable: !column.notNull && !column.primary,
    default:
      column.default === undefined
        ? undefined
        : is(column.default, SQL)
          ? text(column.default)
          : JSON.stringify(column.default),
    filled:
      column.hasDefault ||
      column.defaultFn !== undefined ||
      column.generated !== undefined ||
      column.generatedIdentity !== undefined ||
      /serial$/.test(type),
    looseEquality: /^citext\b/i.test(type)
  }
}

function key (name: string, kind: KeyFacts['kind'], columns: KeyFacts['columns']): KeyFacts {
  return { name, kind, columns, partial: false }
}

function readIndex ({ config }: Index, casing: Casing): KeyFacts {
  const columns = config.columns.map((column) =>
    is(column, IndexedColumn) && column.name !== undefined ? indexedName(column, casing) : null
  )
  const name =
    config.name ??
    `${getTableConfig(config.table).name}_${columns.map((column) => column ?? 'expression').join('_')}_index`
  return { name, kind: config.unique ? 'unique index' : 'index', columns, partial: config.where !== undefined }
}

function indexedName ({ name, keyAsName }: IndexedColumn, casing: Casing): string {
  return keyAsName ? casedName(name!, casing) : name!
}

function readForeignKey (foreignKey: ForeignKey, nameOf: NameOf): ForeignKeyFacts {
  const { columns, foreignTable, foreignColumns } = foreignKey.reference()
  const { schema, name } = getTableConfig(foreignTable)
  return {
    name: foreignKey.getName(),
    columns: columns.map(nameOf),
    to: tableKey(schema, name),
    toColumns: foreignColumns.map(nameOf),
    onDelete: foreignKey.onDelete ?? 'no action'
  }
}

function readPolicy (policy: PgPolicy, text: Text): PolicyFacts {
  return {
    name: policy.name,
    permissive: policy.as !== 'restrictive',
    command: policy.for ?? 'all',
    using: text(policy.using),
    check: text(policy.withCheck)
  }
}
