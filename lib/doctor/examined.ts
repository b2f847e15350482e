import type { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import type { Column, View } from 'drizzle-orm'
import type { ScopeOptions, SharedTable, TokenOptions } from '../options.js'
import type { RoleFacts, TableFacts } from './facts.js'
import type { Finding } from './finding.js'

/** Which tables are owned, and which are shared, with the defaults. */
export interface TableOptions { ownerColumn: NonNullable<ScopeOptions['ownerColumn']>, sharedTables: readonly SharedTable[] }

/** What other rooms know and the doctor asks them; each throws a `TypeError` with the sentence to print. */
export interface Rules {
  parseSecrets: (options: TokenOptions, env: NodeJS.ProcessEnv) => unknown
  parseKeySetOptions: (jwks: string) => unknown
  parseOrigins: (origins: string) => unknown
  parseScopeOptions: (options: ScopeOptions) => TableOptions & { rowLevelSecurity: { setting: string, role: string | undefined } | undefined }
  createOwnedTables: (options: TableOptions, columnName: (column: Column) => string) => {
    ownerOf: (source: PgTable | View) => { column: PgColumn } | undefined
  }
}

/** A table that requests are meant to reach, with how they may. */
export interface Subject extends TableFacts {
  /** The owner column's name. */
  owner?: string
  shared: boolean
  /** One of Better Auth's own, which request handlers leave alone. */
  betterAuth: boolean
}

/** What the checks look at. */
export interface Examined {
  env: NodeJS.ProcessEnv
  rules: Rules
  /** The key set's URL, where tokens are verified by one. */
  jwks?: string
  /** The owner column's name; absent where a function answers it. */
  ownerColumn?: string
  /** The type of user ids, as PostgreSQL writes it. */
  userIdType: string
  /** Each table once: as the database has it, else as the schema declares it. */
  tables: Subject[]
  /** As the schema declares them; absent without a schema. */
  declared?: TableFacts[]
  /** As the database has them; absent without a database. */
  found?: TableFacts[]
  role?: RoleFacts
  /** The database's version, or 0 where it is not known. */
  version: number
  /** Whether the app means to use PostgreSQL's policies. */
  rowLevelSecurity: boolean
  /** The custom setting that tells its policies the user. */
  setting: string
}

/** One look at one thing. It reads what has been gathered and nothing else. */
export type Check = (examined: Examined) => Finding[]

/** The tables whose rows belong to users of the app. */
export function ownedTables (examined: Examined): Array<Subject & { owner: string }> {
  return examined.tables.filter((table): table is Subject & { owner: string } => table.owner !== undefined && !table.betterAuth && table.kind === 'table')
}

/** The SQL where the database has the table; else the edit of the schema that declares it. */
export function cure (table: TableFacts, { sql, edit }: { sql: string, edit: string }): Pick<Finding, 'sql' | 'edit'> {
  return table.from === 'database' ? { sql, edit } : { edit }
}
