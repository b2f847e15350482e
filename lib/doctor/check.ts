import type { Column, View } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { ScopeOptions, SharedTable } from '../options.js'
import type { RoleFacts, TableFacts } from './facts.js'

/** `error`: rows can leak, or statements fail. `warning`: look at it. */
export type Severity = 'error' | 'warning'

/** Something that is wrong, and its remedy. */
export interface Finding {
  /** The check's stable name, such as `owner-index`. */
  check: string
  severity: Severity
  /** Where: a variable, a table, a column. */
  place: string
  problem: string
  why: string
  /** SQL that corrects it in the database. */
  sql?: string
  /** What to change elsewhere: the Drizzle schema, the environment, the options. */
  edit?: string
}

/** What the plugin knows and the doctor asks it; each throws a `TypeError` with the sentence to print. */
export interface Rules {
  checkSecrets: (env: NodeJS.ProcessEnv) => void
  checkKeySet: (url: string) => void
  checkOrigins: (list: string) => void
  /** The options with their defaults. */
  readScope: (options: ScopeOptions) => ScopeRules
  /** The owner column of a table by the `ownerColumn` option. */
  ownerOf: (
    source: PgTable | View,
    ownerColumn: ScopeRules['ownerColumn'],
    columnName: (column: Column) => string
  ) => Column | undefined
}

/** The plugin's options about tables, with the defaults. */
export type ScopeRules = Required<Pick<ScopeOptions, 'ownerColumn'>> & {
  sharedTables: readonly SharedTable[]
  rowLevelSecurity: { setting: string, role: string | undefined } | undefined
}

/** A table that requests are meant to reach, with how they may. */
export interface Subject extends TableFacts {
  /** The owner column's name. */
  owner?: string
  shared: boolean
  /** One of Better Auth's own, which request handlers leave alone. */
  betterAuth: boolean
}

/** A table whose rows belong to users of the app. */
export type OwnedTable = Subject & { owner: string }

/** What the checks read. */
export interface Examined {
  env: NodeJS.ProcessEnv
  rules: Rules
  /** The key set's URL, where tokens are verified by one. */
  jwks?: string
  /** The owner column's name; absent where a function returns it. */
  ownerColumn?: string
  /** The type of user ids, as PostgreSQL writes it; absent where nothing says it. */
  userIdType?: string
  /** The command line gave the type. */
  isUserIdTypeGiven?: boolean
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
  /** The custom setting that names the user to its policies. */
  setting: string
}

/** One check. It reads what has been gathered and nothing else. */
export type Check = (examined: Examined) => Finding[]

/** The tables whose rows belong to users of the app. */
export function ownedTables (examined: Examined): OwnedTable[] {
  return examined.tables.filter(
    (table): table is OwnedTable => table.owner !== undefined && !table.betterAuth && table.kind === 'table'
  )
}

/** The SQL where the database has the table; else the edit of the schema that declares it. */
export function remedy (
  table: TableFacts, { sql, edit }: Required<Pick<Finding, 'sql' | 'edit'>>
): Pick<Finding, 'sql' | 'edit'> {
  return table.from === 'database' ? { sql, edit } : { edit }
}
