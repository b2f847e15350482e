import { quoted } from '../../internal/sql-names.js'
import { remedy, type Check, type Subject, type Finding } from '../check.js'
import type { ColumnFacts } from '../facts.js'
import { placeOf, propertyOf, tableName } from '../sql-names.js'

const pointInTime = /(?:^|_)(?:at|date|datetime|timestamp)$|^(?:created|updated|modified|deleted|expires)(?:_on)?$/
const whole = /^(?:smallint|integer|bigint|numeric|real|double precision)\b/
const text = /^(?:text|character)\b/
const withoutZone = /^timestamp(?:\(\d\))? without time zone$/

/** A column that should be a timestamp with time zone and is not. */
export const timestampType: Check = ({ tables }) =>
  tables
    .filter(({ kind, betterAuth }) => kind === 'table' && !betterAuth)
    .flatMap((table) =>
      table.columns.flatMap((column) => [...notATimestamp(table, column), ...zoneless(table, column)])
    )

function notATimestamp (table: Subject, column: ColumnFacts): Finding[] {
  if (!pointInTime.test(snakeCase(column.name))) return []
  const isNumber = whole.test(column.type)
  if (!isNumber && !text.test(column.type)) return []
  const name = quoted(column.name)
  const drop = column.default === undefined ? '' : `alter column ${name} drop default, `
  const using = isNumber
    ? `to_timestamp(${name}); -- to_timestamp(${name} / 1000.0) if it holds milliseconds`
    : `${name}::timestamptz;`
  return [
    {
      check: 'timestamp-type',
      severity: 'error',
      place: placeOf(table, column.name),
      problem: `A point in time is kept as ${column.type}`,
      why: 'It holds seconds for one writer and milliseconds or local time for another, and a Date written to it ' +
        'fails (PostgreSQL\'s "cannot cast", CannotCoerce).',
      ...remedy(table, {
        sql: `alter table ${tableName(table)} ${drop}alter column ${name} type timestamptz using ${using}`,
        edit: edit(table, column)
      })
    }
  ]
}

function zoneless (table: Subject, column: ColumnFacts): Finding[] {
  if (!withoutZone.test(column.type) || column.default === undefined || /\butc\b/i.test(column.default)) return []
  const name = quoted(column.name)
  return [
    {
      check: 'timestamp-zone',
      severity: 'warning',
      place: placeOf(table, column.name),
      problem: `A timestamp without time zone has the default ${column.default}`,
      why: "The default is the server's local time and Drizzle reads it as UTC: off by the server's offset, unless " +
        'both are UTC for ever.',
      ...remedy(table, {
        sql: `alter table ${tableName(table)} alter column ${name} type timestamptz using ${name} at time zone ` +
          'current_setting(\'TimeZone\');',
        edit: edit(table, column)
      })
    }
  ]
}

function edit (table: Subject, column: ColumnFacts): string {
  return `Write ${propertyOf(column.name)}: timestamp('${column.name}', { withTimezone: true }) in ${table.name}, ` +
    'or ...timestamps() for created_at and updated_at.'
}

function snakeCase (name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter}`).toLowerCase()
}
