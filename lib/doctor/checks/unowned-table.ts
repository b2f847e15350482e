import { cure, type Check } from '../examined.js'
import { placeOf, propertyOf, quoted, tableName } from '../sql-names.js'

/** A table that is neither owned nor shared. */
export const unownedTable: Check = ({ tables, ownerColumn, userIdType }) => tables
  .filter((table) => table.owner === undefined && !table.shared && !table.betterAuth)
  .map((table) => ({
    check: 'unowned-table',
    severity: 'warning',
    place: placeOf(table),
    problem: `The ${table.kind} has no owner column ${ownerColumn === undefined ? 'by the ownerColumn function' : `"${ownerColumn}"`} and is not shared`,
    why: `request.db refuses it, so handlers will turn to the unscoped database, where nothing keeps one user's rows from another. A ${table.kind} that no request needs can stay as it is.`,
    ...(ownerColumn === undefined
      ? { edit: 'Let ownerColumn answer a column of it, or list it in sharedTables.' }
      : table.kind === 'table'
        ? cure(table, {
          sql: `alter table ${tableName(table)} add column ${quoted(ownerColumn)} ${userIdType} not null; -- rows that are there need an owner first`,
          edit: `Add ${propertyOf(ownerColumn)}: ${builderOf(userIdType)}('${ownerColumn}').notNull() to the pgTable, or list the table in sharedTables.`
        })
        : { edit: `Select "${ownerColumn}" in the view, or list it in sharedTables.` })
  }))

function builderOf (type: string): string {
  return ['text', 'uuid', 'integer', 'bigint'].includes(type) ? type : 'text'
}
