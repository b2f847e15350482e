import { sql } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { DrizzleDatabase } from '../drizzle/contract.js'
import { tableFacts } from '../drizzle/tables.js'
import { rowsOf } from './query-rows.js'

interface Policy { table: string, name: string, isPermissive: boolean, conditions: string }

/**
 * Refuses policies that show a row which one of its two owners matches: PostgreSQL shows what any permissive policy
 * lets pass, so one for the user and one for the organization mean "or".
 * @param tables those of which both owners must match
 * @param settings in which policies find the user and the organization
 * @throws {Error} naming the policy, its table and the remedy
 */
export async function checkBothOwners (
  database: DrizzleDatabase, tables: PgTable[], settings: readonly [user: string, organization: string]
): Promise<void> {
  if (tables.length === 0) return
  const places = tables.map(tableFacts).map(({ schema, name }) => [schema ?? null, name])
  const policies = rowsOf<Policy>(await database.transaction(async (tx) => await tx.execute(sql`
    select format('%I.%I', nspname, relname) as "table", polname as "name", polpermissive as "isPermissive",
      concat(pg_get_expr(polqual, polrelid), ' ', pg_get_expr(polwithcheck, polrelid)) as "conditions"
    from jsonb_array_elements(cast(cast(${JSON.stringify(places)} as text) as jsonb)) as owned (place)
    join pg_catalog.pg_class on relname = place ->> 1
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
      and case when place ->> 0 is null then pg_table_is_visible(pg_class.oid) else nspname = place ->> 0 end
    join pg_catalog.pg_policy on polrelid = pg_class.oid`)))
  for (const { table, name, isPermissive, conditions } of policies) {
    const names = (text: string, setting: string): boolean => text.includes(`'${setting}'`)
    const missing = settings.filter((setting) => !names(conditions, setting))
    // One that names neither is somebody's own way to know the caller.
    if (!isPermissive || missing.length !== 1) continue
    const isRestricted = policies.some((other) => {
      return other.table === table && !other.isPermissive && names(other.conditions, missing[0]!)
    })
    if (isRestricted) continue
    throw new Error(
      `rowLevelSecurity shows rows of ${table} that only one of two owners matches: its policy "${name}" says nothing ` +
      `of ${missing[0]}. Put organizationIsolationPolicy(column, { user: column }) in the place of both policies, or ` +
      'list the table in organization.authored'
    )
  }
}
