import { quoted } from '../../internal/sql-names.js'
import { remedy, ownedTables, type Check, type Subject } from '../check.js'
import type { KeyFacts } from '../facts.js'
import { columnList, placeOf, propertyOf, tableName } from '../sql-names.js'

/** A unique constraint that holds between users. */
export const uniqueAcrossUsers: Check = (examined) =>
  ownedTables(examined).flatMap((table) =>
    table.keys
      .filter((key) => key.kind !== 'index' && !key.columns.includes(table.owner) && !isDrawn(table, key))
      .map((key) => {
        const columns = [table.owner, ...key.columns.filter((name) => name !== null)]
        return {
          check: 'unique-across-users',
          severity: 'warning',
          place: placeOf(table, key.name),
          problem: `The ${key.kind} on (${key.columns.map((name) => name ?? 'an expression').join(', ')}) is across ` +
            'users',
          why: "A user who writes a value that another has taken gets a conflict, which reveals that the other's " +
            'row exists, and blocks the value for everyone.',
          ...remedy(table, { sql: sqlFor(table, key, columns), edit: editFor(table, key, columns) })
        }
      })
  )

/** A key whose values are drawn by the database or the schema and not chosen by a client. */
function isDrawn (table: Subject, key: KeyFacts): boolean {
  return key.columns.some((name) => table.columns.find((column) => column.name === name)?.filled === true)
}

function sqlFor (table: Subject, key: KeyFacts, columns: string[]): string {
  const kind = key.kind === 'primary key' ? 'primary key' : 'unique'
  if (key.kind === 'unique index') {
    const again =
      key.partial || key.columns.includes(null) ? '; -- with the expressions and the condition of the old one' : ';'
    return `drop index ${quoted(table.schema)}.${quoted(key.name)}; create unique index on ${tableName(table)} ` +
      `(${columnList(columns)})${again}`
  }
  return `alter table ${tableName(table)} drop constraint ${quoted(key.name)}, add ${kind} (${columnList(columns)});`
}

function editFor (table: Subject, key: KeyFacts, columns: string[]): string {
  const on = columns.map((name) => `table.${propertyOf(name)}`).join(', ')
  const builder = key.kind === 'primary key' ? `primaryKey({ columns: [${on}] })` : `unique().on(${on})`
  return `Use ${builder} in ${table.name} in place of it.`
}
