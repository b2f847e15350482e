import { quoted } from '../../internal/sql-names.js'
import { remedy, type Check } from '../check.js'
import { placeOf, tableName } from '../sql-names.js'

/** A table is named as shared, and it has an owner column. */
export const sharedTable: Check = ({ tables }) => tables
  .filter((table) => table.shared && table.owner !== undefined)
  .map((table) => ({
    check: 'shared-table',
    severity: 'error',
    place: placeOf(table),
    problem: `The table is shared, and it has the owner column "${table.owner}"`,
    why: 'Shared, it would show every user\'s rows to everyone; the plugin refuses to start with it.',
    ...remedy(table, {
      sql: `alter table ${tableName(table)} drop column ${quoted(table.owner!)}; -- only if its rows are nobody's`,
      edit: `Take ${table.name} out of sharedTables.`
    })
  }))
