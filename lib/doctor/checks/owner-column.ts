import { quoted } from '../../internal/sql-names.js'
import { sameType } from '../column-types.js'
import { ownedTables, remedy, type Check, type Examined, type Finding, type OwnedTable } from '../check.js'
import type { ColumnFacts } from '../facts.js'
import { placeOf, tableName } from '../sql-names.js'

/** Better Auth's ids have this many characters. */
const idLength = 32

/** The owner column is nullable, of a type that ids do not fit, or compares loosely. */
export const ownerColumn: Check = (examined) =>
  ownedTables(examined).flatMap((table) => {
    const column = table.columns.find(({ name }) => name === table.owner)
    if (column === undefined) return []
    return [...nullable(table, column), ...wrongType(table, column, examined), ...loose(table, column)]
  })

function nullable (table: OwnedTable, column: ColumnFacts): Finding[] {
  if (!column.nullable) return []
  return [
    {
      check: 'owner-nullable',
      severity: 'error',
      place: placeOf(table, column.name),
      problem: 'The owner column takes null',
      why:
        'A row without an owner belongs to nobody: no request sees it, and unique constraints that lead with the ' +
        'owner do not hold for it.',
      ...remedy(table, {
        sql: `alter table ${tableName(table)} alter column ${quoted(column.name)} set not null;`,
        edit: `Add .notNull() to ${column.name} of ${table.name} in the schema.`
      })
    }
  ]
}

function wrongType (table: OwnedTable, column: ColumnFacts, examined: Examined): Finding[] {
  const wanted = wantedType(table, column, examined)
  if (fits(column.type, wanted)) return []
  const type = wanted ?? 'text'
  const isShort = column.type.startsWith('character varying') && type === 'text'
  const need = isShort ? `ids have ${idLength} characters` : `user ids are ${type}`
  return [
    {
      check: 'owner-type',
      severity: 'error',
      place: placeOf(table, column.name),
      problem: `The owner column is ${column.type}, and ${need}`,
      why:
        'PostgreSQL refuses the comparison with the id of the token, or cuts or pads it, so that requests fail or ' +
          'ids ' +
        'stop being equal.',
      ...remedy(table, {
        sql:
          `alter table ${tableName(table)} alter column ${quoted(column.name)} type ${type} using ` +
          `${quoted(column.name)}::${type};`,
        edit:
          `Make ${column.name} of ${table.name} ${type} in the schema, as user ids are. ` +
          'Where they are of another type, run the doctor with --user-id-type.'
      })
    }
  ]
}

/** The type that was given; else that of what the owner column points at (an organization); else that of user ids. */
function wantedType (table: OwnedTable, column: ColumnFacts, examined: Examined): string | undefined {
  if (examined.isUserIdTypeGiven === true) return examined.userIdType
  const reference = table.foreignKeys.find(({ columns }) => columns.length === 1 && columns[0] === column.name)
  const target = [...(examined.found ?? []), ...(examined.declared ?? [])].find(({ key }) => key === reference?.to)
  return target?.columns.find(({ name }) => name === reference?.toColumns[0])?.type ?? examined.userIdType
}

function fits (type: string, wanted: string | undefined): boolean {
  const length = /^character varying(?:\((\d+)\))?$/.exec(type)
  if (length !== null && (wanted ?? 'text') === 'text') return length[1] === undefined || Number(length[1]) >= idLength
  // Another issuer's ids are often uuids, and a token has them as text.
  if (wanted === undefined && type === 'uuid') return true
  // citext has a finding of its own, for how it compares.
  return sameType(type, wanted ?? 'text') || sameType(type, 'citext')
}

function loose (table: OwnedTable, column: ColumnFacts): Finding[] {
  if (!column.looseEquality) return []
  return [
    {
      check: 'owner-comparison',
      severity: 'error',
      place: placeOf(table, column.name),
      problem: `The owner column (${column.type}) takes different ids for equal`,
      why: 'Ids that differ in case or accents alone are different users, and would share their rows.',
      ...remedy(table, {
        sql: `alter table ${tableName(table)} alter column ${quoted(column.name)} type text collate "C";`,
        edit: `Make ${column.name} of ${table.name} text in the schema.`
      })
    }
  ]
}
