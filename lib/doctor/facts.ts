/** A column, as a Drizzle schema declares it or as the database has it. */
export interface ColumnFacts {
  name: string
  /** As PostgreSQL's `format_type` writes it: `timestamp without time zone`. */
  type: string
  nullable: boolean
  /** The default's SQL, where there is one. */
  default?: string
  /** Something gives it a value when the insert does not: a default, an identity, a function of the schema. */
  filled: boolean
  /** Its `=` takes different texts for equal: citext, or a nondeterministic collation. */
  looseEquality: boolean
}

/** A primary key, a unique constraint or an index. */
export interface KeyFacts {
  name: string
  kind: 'primary key' | 'unique constraint' | 'unique index' | 'index'
  /** `null` where an expression stands in a column's place. */
  columns: Array<string | null>
  /** It covers some of the rows only, or is not valid. */
  partial: boolean
}

/** A foreign key, its columns in the order of those they point at. */
export interface ForeignKeyFacts {
  name: string
  columns: string[]
  /** {@link TableFacts.key} of the table it points at. */
  to: string
  toColumns: string[]
  onDelete: string
  /** The columns of `set null (…)` or `set default (…)`; all of them where there is no such list. */
  onDeleteColumns?: string[]
}

/** A policy of row-level security. */
export interface PolicyFacts {
  name: string
  permissive: boolean
  command: 'all' | 'select' | 'insert' | 'update' | 'delete'
  using?: string
  check?: string
}

/** SQL that runs when rows of the table are written. */
export interface TriggerFacts {
  name: string
  kind: 'trigger' | 'rule'
  /** The function's source, or the rule's definition. */
  body: string
  securityDefiner: boolean
}

/** A table or a view, from either source. */
export interface TableFacts {
  from: 'schema' | 'database'
  /** `schema.name`. */
  key: string
  schema: string
  name: string
  kind: 'table' | 'view' | 'materialized view'
  columns: ColumnFacts[]
  keys: KeyFacts[]
  foreignKeys: ForeignKeyFacts[]
  policies: PolicyFacts[]
  rowLevelSecurity: boolean
  /** `FORCE`; unknown in a schema. */
  forced?: boolean
  /** The connection's role has the rights of the table's owner, whom policies bind only with `FORCE`. */
  ownedByRole?: boolean
  triggers: TriggerFacts[]
  /** Of a view; `undefined` where it cannot be known. */
  securityInvoker?: boolean
  /** Of a view: keys of the tables and views it reads. */
  reads: string[]
}

/** The role whose rights the statements have. */
export interface RoleFacts {
  name: string
  exists: boolean
  /** The connection may `set role` to it. */
  canBeTaken: boolean
  superuser: boolean
  bypassesRowLevelSecurity: boolean
}

/** What was read of a database. */
export interface DatabaseFacts {
  tables: TableFacts[]
  role: RoleFacts
  /** `server_version_num`: 180000 for PostgreSQL 18. */
  version: number
}

/** The key of a table; no schema means `public`. */
export function tableKey (schema: string | undefined, name: string): string {
  return `${schema ?? 'public'}.${name}`
}
