import { remedy, ownedTables, type Check } from '../check.js'
import { columnList, placeOf, propertyOf, tableName } from '../sql-names.js'

/** No index is led by the owner. */
export const ownerIndex: Check = (examined) =>
  ownedTables(examined)
    .filter((table) => !table.keys.some((key) => !key.partial && key.columns[0] === table.owner))
    .map((table) => {
      const primary =
        table.keys.find(({ kind }) => kind === 'primary key')?.columns.filter((name) => name !== null) ?? []
      const columns = [table.owner, ...primary]
      const on = columns.map((name) => `table.${propertyOf(name)}`).join(', ')
      return {
        check: 'owner-index',
        severity: 'warning',
        place: placeOf(table, table.owner),
        problem: 'No index is led by the owner column',
        why: 'Every scoped statement reads the whole table, the rows of all users; with an index it reads the ' +
          "user's own.",
        ...remedy(table, {
          sql: `create index concurrently on ${tableName(table)} (${columnList(columns)});`,
          edit: `Add index().on(${on}) to ${table.name} in the schema.`
        })
      }
    })
