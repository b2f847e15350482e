import { quoted } from '../../internal/sql-names.js'
import { sameType } from '../column-types.js'
import type { Check, Finding } from '../check.js'
import type { ColumnFacts, TableFacts } from '../facts.js'
import { placeOf, tableName } from '../sql-names.js'

const why =
  'A query that Drizzle accepts fails in the database, or returns values of another type than TypeScript says.'
const migrate = 'npx drizzle-kit generate && npx drizzle-kit migrate'

/** The schema declares what the database does not have. */
export const drift: Check = ({ declared, found }) => {
  if (declared === undefined || found === undefined) return []
  const tables = new Map(found.map((table) => [table.key, table]))
  return declared.flatMap((table) => {
    const actual = tables.get(table.key)
    return actual === undefined ? [missingTable(table)] : table.columns.flatMap((column) => compare(actual, column))
  })
}

function missingTable (table: TableFacts): Finding {
  return {
    check: 'drift',
    severity: 'error',
    place: placeOf(table),
    problem: `The ${table.kind} is in the schema and not in the database`,
    why,
    edit: migrate
  }
}

function compare (actual: TableFacts, column: ColumnFacts): Finding[] {
  const found = actual.columns.find(({ name }) => name === column.name)
  const alter = `alter table ${tableName(actual)}`
  const name = quoted(column.name)
  const isTable = actual.kind === 'table'
  if (found === undefined) {
    const sql = isTable
      ? { sql: `${alter} add column ${name} ${column.type}${column.nullable ? '' : ' not null'};` }
      : {}
    return [
      {
        check: 'drift',
        severity: 'error',
        place: placeOf(actual, column.name),
        problem: 'The column is in the schema and not in the database',
        why,
        ...sql,
        edit: migrate
      }
    ]
  }
  if (sameType(column.type, found.type)) return []
  const sql = isTable ? { sql: `${alter} alter column ${name} type ${column.type} using ${name}::${column.type};` } : {}
  return [
    {
      check: 'drift',
      severity: 'error',
      place: placeOf(actual, column.name),
      problem: `The column is ${column.type} in the schema and ${found.type} in the database`,
      why,
      ...sql,
      edit: `${migrate}, or make the schema say ${found.type}.`
    }
  ]
}
