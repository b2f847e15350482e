import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { DrizzleDatabase } from '../drizzle/contract.js'
import { tableFacts } from '../drizzle/tables.js'
import { rootCause } from '../internal/root-cause.js'
import { rowsOf } from './query-rows.js'

interface RoleFacts { name: string, isSuperuser: boolean, bypasses: boolean }
interface TableState { name: string, role: string, enabled: boolean, bypassedByOwner: boolean }

/**
 * Finds out whether PostgreSQL's policies bind the role that statements run as.
 * @param owned the owned tables of the schema
 * @param role the role that each transaction takes, if any
 * @returns those of the tables that have no row-level security at all
 * @throws {Error} when the role is a superuser, has BYPASSRLS, or owns a table without FORCE, naming the role and the
 * remedy
 */
export async function checkRole (
  database: DrizzleDatabase, owned: PgTable[], role: string | undefined
): Promise<string[]> {
  const places = owned.map(tableFacts).map(({ schema, name }) => [schema ?? null, name])
  const { current, states } = await asked(() => database.transaction(async (tx) => {
    const [current] = rowsOf<RoleFacts>(await tx.execute(sql`
      select rolname as "name", rolsuper as "isSuperuser", rolbypassrls as "bypasses"
      from pg_catalog.pg_roles where rolname = coalesce(cast(${role ?? null} as text), current_user)`))
    if (current === undefined) return { current, states: [] }
    const states = rowsOf<TableState>(await tx.execute(sql`
      select format('%I.%I', nspname, relname) as "name", relrowsecurity as "enabled",
        cast(${current.name} as text) as "role", relrowsecurity and not relforcerowsecurity
          and pg_has_role(cast(${current.name} as name), relowner, 'usage') as "bypassedByOwner"
      from jsonb_array_elements(cast(cast(${JSON.stringify(places)} as text) as jsonb)) as owned (place)
      join pg_catalog.pg_class on relname = place ->> 1
      join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
        and case when place ->> 0 is null then pg_table_is_visible(pg_class.oid) else nspname = place ->> 0 end`))
    return { current, states }
  }))
  if (current === undefined) {
    throw new Error(`rowLevelSecurity.role "${role}" does not exist: create it, and grant it to the role that connects`)
  }
  const remedy = 'connect as a role without it, or name one in rowLevelSecurity.role: ' +
    `create role app_user nosuperuser nobypassrls; grant app_user to "${current.name}";`
  if (current.isSuperuser) {
    throw new Error(`rowLevelSecurity binds nobody here: the role "${current.name}" is a superuser; ${remedy}`)
  }
  if (current.bypasses) {
    throw new Error(
      `rowLevelSecurity binds nobody here: the role "${current.name}" has BYPASSRLS; alter role "${current.name}" ` +
      `nobypassrls, or ${remedy}`
    )
  }
  const bypassed = states.filter(({ bypassedByOwner }) => bypassedByOwner).map(({ name }) => name)
  if (bypassed.length > 0) {
    throw new Error(
      `rowLevelSecurity does not bind the role "${states[0]!.role}" on the tables it owns: ` +
      `${bypassed.map((name) => `alter table ${name} force row level security;`).join(' ')}`
    )
  }
  return states.filter(({ enabled }) => !enabled).map(({ name }) => name)
}

/** What the start fails by when the database is away says who wanted it. */
async function asked<Facts> (ask: () => Promise<Facts>): Promise<Facts> {
  try {
    return await ask()
  } catch (cause) {
    // Drizzle's own error quotes the statement; what failed is beneath it.
    const { code, message } = rootCause(cause)
    throw new Error(
      'rowLevelSecurity asks the database, when the app starts, whether policies bind the role that connects, ' +
      `and got no answer: ${String(message || code)}`,
      { cause }
    )
  }
}
