import { sameType } from '../column-types.js'
import { cure, ownedTables, type Check, type Subject } from '../examined.js'
import type { ColumnFacts } from '../facts.js'
import type { Finding } from '../finding.js'
import { placeOf, quoted, tableName } from '../sql-names.js'

/** Better Auth's ids have this many characters. */
const idLength = 32

/** The owner column is nullable, of a type that ids do not fit, or compares loosely. */
export const ownerColumn: Check = (examined) => ownedTables(examined).flatMap((table) => {
  const column = table.columns.find(({ name }) => name === table.owner)
  if (column === undefined) return []
  return [...nullable(table, column), ...misfit(table, column, examined.userIdType), ...loose(table, column)]
})

function nullable (table: Subject, column: ColumnFacts): Finding[] {
  if (!column.nullable) return []
  return [{
    check: 'owner-nullable',
    severity: 'error',
    place: placeOf(table, column.name),
    problem: 'The owner column takes null',
    why: 'A row without an owner belongs to nobody: no request sees it, and unique constraints that lead with the owner do not hold for it.',
    ...cure(table, {
      sql: `alter table ${tableName(table)} alter column ${quoted(column.name)} set not null;`,
      edit: `Add .notNull() to ${column.name} of ${table.name} in the schema.`
    })
  }]
}

function misfit (table: Subject, column: ColumnFacts, idType: string): Finding[] {
  const problem = whyMisfit(column.type, idType)
  if (problem === undefined) return []
  return [{
    check: 'owner-type',
    severity: 'error',
    place: placeOf(table, column.name),
    problem,
    why: 'PostgreSQL refuses the comparison with the id of the token, or cuts or pads it, so that requests fail or ids stop being equal.',
    ...cure(table, {
      sql: `alter table ${tableName(table)} alter column ${quoted(column.name)} type ${idType} using ${quoted(column.name)}::${idType};`,
      edit: `Make ${column.name} of ${table.name} ${idType} in the schema, as user ids are. Where they are of another type, run the doctor with --user-id-type.`
    })
  }]
}

function whyMisfit (type: string, idType: string): string | undefined {
  const length = /^character varying(?:\((\d+)\))?$/.exec(type)
  if (idType === 'text' && length !== null) {
    return length[1] !== undefined && Number(length[1]) < idLength ? `The owner column is ${type}, and ids have ${idLength} characters` : undefined
  }
  // citext is told apart by its comparison, which is the graver fault.
  if (sameType(type, idType) || sameType(type, 'citext')) return undefined
  return `The owner column is ${type}, and user ids are ${idType}`
}

function loose (table: Subject, column: ColumnFacts): Finding[] {
  if (!column.looseEquality) return []
  return [{
    check: 'owner-comparison',
    severity: 'error',
    place: placeOf(table, column.name),
    problem: `The owner column (${column.type}) takes different ids for equal`,
    why: 'Ids that differ in case or accents alone are different users, and would share their rows.',
    ...cure(table, {
      sql: `alter table ${tableName(table)} alter column ${quoted(column.name)} type text collate "C";`,
      edit: `Make ${column.name} of ${table.name} text in the schema.`
    })
  }]
}
