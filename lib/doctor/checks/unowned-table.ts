import { quoted } from '../../internal/sql-names.js'
import { remedy, type Check } from '../check.js'
import { placeOf, propertyOf, tableName } from '../sql-names.js'

/** A table that is neither owned nor shared. */
export const unownedTable: Check = ({ tables, ownerColumn, userIdType = 'text' }) => {
  const by = ownerColumn === undefined ? 'by the ownerColumn function' : `"${ownerColumn}"`
  return tables
    .filter((table) => table.owner === undefined && !table.shared && !table.betterAuth)
    .map((table) => ({
      check: 'unowned-table',
      severity: 'warning',
      place: placeOf(table),
      problem: `The ${table.kind} has no owner column ${by} and is not shared`,
      why: 'request.db refuses it, so handlers will use the unscoped database, where nothing separates one user\'s ' +
        `rows from another's. A ${table.kind} that no request needs can stay as it is.`,
      ...(ownerColumn === undefined
        ? { edit: 'Let ownerColumn return a column of it, or list it in sharedTables.' }
        : table.kind === 'table'
          ? remedy(table, {
            sql: `alter table ${tableName(table)} add column ${quoted(ownerColumn)} ${userIdType} not null; -- rows ` +
              'that are there need an owner first',
            edit: `Add ${propertyOf(ownerColumn)}: ${builderOf(userIdType)}('${ownerColumn}').notNull() to the ` +
              'pgTable, or list the table in sharedTables.'
          })
          : { edit: `Select "${ownerColumn}" in the view, or list it in sharedTables.` })
    }))
}

function builderOf (type: string): string {
  return ['text', 'uuid', 'integer', 'bigint'].includes(type) ? type : 'text'
}
