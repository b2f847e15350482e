import type { SQL, Subquery } from 'drizzle-orm'
import type { PgSelectBuilder, PgTable, SelectedFields } from 'drizzle-orm/pg-core'
import type { BuilderParts, DrizzleDatabase } from './contract.js'
import type { InsertConfig } from './dialect.js'
import { rejecting, rejectingFrom } from './rejecting.js'
import { drizzle } from './version.js'

type Values = Record<string, unknown>

/** What `returning()` leads to. */
interface Returning {
  returning (): Promise<Values[]> & { prepare (name: string): unknown }
}

interface Conditional extends Returning {
  where (where: SQL | undefined): this
}

const classes = drizzle.classes as unknown as {
  SelectBuilder: new (config: object) => PgSelectBuilder<SelectedFields | undefined>
  Insert: new (
    table: PgTable, values: unknown, session: object, dialect: object, withList?: Subquery[], select?: boolean,
    overriding?: boolean
  ) =>
  Returning & { config: InsertConfig, execute: (values?: Values) => Promise<unknown> }
  Update: new (table: PgTable, set: Values, session: object, dialect: object, withList?: Subquery[]) => Conditional
  Delete: new (table: PgTable, session: object, dialect: object, withList?: Subquery[]) => Conditional
}

/** The start of a select. */
export function startSelect (
  { session, dialect }: BuilderParts, fields: Values | undefined,
  { distinct, withList }: { distinct?: unknown, withList?: Subquery[] | undefined } = {}
): PgSelectBuilder<SelectedFields | undefined> {
  return rejectingFrom(new classes.SelectBuilder({ fields, distinct, withList, session, dialect }), 'from')
}

/** Drizzle's insert, open for a subclass. */
export abstract class OpenInsert extends classes.Insert {
  constructor (
    table: PgTable, values: unknown, { session, dialect }: BuilderParts, withList?: Subquery[], isSelect?: boolean,
    overridesSystemValue?: boolean
  ) {
    super(table, values, session, dialect, withList, isSelect, overridesSystemValue)
    rejecting(this)
  }
}

/** Drizzle's update, open for a subclass. */
export abstract class OpenUpdate extends classes.Update {
  constructor (table: PgTable, set: Values, { session, dialect }: BuilderParts, withList?: Subquery[]) {
    super(table, set, session, dialect, withList)
    rejecting(this)
  }
}

/** Drizzle's delete, open for a subclass. */
export abstract class OpenDelete extends classes.Delete {
  constructor (table: PgTable, { session, dialect }: BuilderParts, withList?: Subquery[]) {
    super(table, session, dialect, withList)
    rejecting(this)
  }
}

/** The builders of `db.query`, by the name of their table. */
export function relationalQueries (database: DrizzleDatabase, parts: BuilderParts): Record<string, unknown> {
  return Object.fromEntries(drizzle.relationalQueries(database, parts).map(([name, builder]) =>
    [name, rejectingFrom(builder as { findMany: unknown, findFirst: unknown }, 'findMany', 'findFirst')]))
}
