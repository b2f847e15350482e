import { ownedTables, type Check, type Examined } from '../check.js'
import type { TableFacts } from '../facts.js'
import { placeOf, tableName } from '../sql-names.js'

/** `security_invoker` came with PostgreSQL 15. */
const withInvoker = 150_000

/** A view that reads owned tables with its owner's rights. */
export const views: Check = (examined) =>
  readers(examined)
    .filter((view) =>
      view.kind === 'view'
        ? view.securityInvoker === false
        : examined.rowLevelSecurity && view.kind === 'materialized view'
    )
    .map((view) => ({
      check: 'views',
      severity: examined.rowLevelSecurity ? 'error' : 'warning',
      place: placeOf(view),
      ...(view.kind === 'view'
        ? {
            problem: 'The view reads owned tables without security_invoker',
            why: 'It reads with the rights of whoever made it, past the policies that bind the caller.',
            ...(examined.version === 0 || examined.version >= withInvoker
              ? {
                  ...(view.from === 'database'
                    ? { sql: `alter view ${tableName(view)} set (security_invoker = true);` }
                    : {}),
                  edit: `pgView('${view.name}').with({ securityInvoker: true })`
                }
              : {
                  sql: `drop view ${tableName(view)};`,
                  edit: 'PostgreSQL before 15 has no security_invoker: put the query into the app.'
                })
          }
        : {
            problem: 'The materialised view holds rows of owned tables',
            why: "PostgreSQL puts no policies on materialised views: raw SQL reads every user's rows of it.",
            sql: `revoke all on ${tableName(view)} from public;`,
            edit: 'Grant it to no role that requests run as.'
          })
    }))

/** Views, of the schema or the database, that reach an owned table, through other views too. */
function readers (examined: Examined): TableFacts[] {
  const owned = new Set(ownedTables(examined).map(({ key }) => key))
  const known = new Map<string, TableFacts>(
    [...examined.tables, ...(examined.found ?? [])]
      .filter(({ kind }) => kind !== 'table')
      .map((view) => [view.key, view])
  )
  const reaches = (key: string, path: string[]): boolean =>
    owned.has(key) ||
    (!path.includes(key) && (known.get(key)?.reads ?? []).some((read) => reaches(read, [...path, key])))
  // What a view of a schema alone reads is not known: that it has the owner column says enough.
  return [...known.values()].filter((view) =>
    view.from === 'database'
      ? reaches(view.key, [])
      : examined.tables.some(({ key, owner }) => key === view.key && owner !== undefined)
  )
}
