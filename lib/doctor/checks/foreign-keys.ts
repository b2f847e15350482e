import { cure, ownedTables, type Check } from '../examined.js'
import type { ForeignKeyFacts } from '../facts.js'
import type { Severity } from '../finding.js'
import { columnList, placeOf, propertyOf, quoted, tableName } from '../sql-names.js'

type Owned = ReturnType<typeof ownedTables>[number]

/** A foreign key between owned tables without the owner in it. */
export const foreignKeys: Check = (examined) => {
  const owned = new Map(ownedTables(examined).map((table) => [table.key, table]))
  return [...owned.values()].flatMap((table) => table.foreignKeys.flatMap((foreignKey) => {
    const target = owned.get(foreignKey.to)
    if (target === undefined || holdsOwner(table, foreignKey, target)) return []
    const reaches = ['cascade', 'set null', 'set default'].includes(foreignKey.onDelete)
    return [{
      check: 'foreign-keys',
      severity: (reaches ? 'error' : 'warning') as Severity,
      place: placeOf(table, foreignKey.name),
      problem: `A foreign key to ${placeOf(target)} leaves the owner out${reaches ? `, on delete ${foreignKey.onDelete}` : ''}`,
      why: `Nothing in the database keeps a row from pointing at another user's: request.db looks before it writes, other writers do not${reaches ? '; and when that user deletes theirs, PostgreSQL changes or deletes this one, past every scope' : ', and such a row keeps that user from deleting theirs'}.`,
      ...cure(table, { sql: sqlFor(table, foreignKey, target), edit: editFor(table, foreignKey, target) })
    }]
  }))
}

function holdsOwner (table: Owned, { columns, toColumns }: ForeignKeyFacts, target: Owned): boolean {
  return columns.some((name, index) => name === table.owner && toColumns[index] === target.owner)
}

function sqlFor (table: Owned, { name, columns, toColumns, onDelete }: ForeignKeyFacts, target: Owned): string {
  const to = [target.owner, ...toColumns]
  const key = target.keys.some((key) => key.kind !== 'index' && !key.partial && sameColumns(key.columns, to))
    ? ''
    : `alter table ${tableName(target)} add unique (${columnList(to)}); `
  // The owner stays: only the reference is emptied (PostgreSQL 15).
  const some = onDelete.startsWith('set ') ? ` (${columnList(columns)})` : ''
  const action = onDelete === 'no action' ? '' : ` on delete ${onDelete}${some}`
  return `${key}alter table ${tableName(table)} drop constraint ${quoted(name)}, add foreign key (${columnList([table.owner, ...columns])}) references ${tableName(target)} (${columnList(to)})${action};`
}

function editFor (table: Owned, { columns, toColumns }: ForeignKeyFacts, target: Owned): string {
  const list = (names: string[], of: string): string => names.map((name) => `${of}.${propertyOf(name)}`).join(', ')
  return `In ${table.name}, use foreignKey({ columns: [${list([table.owner, ...columns], 'table')}], foreignColumns: [${list([target.owner, ...toColumns], propertyOf(target.name))}] }), with unique().on(…) over those columns of ${target.name}.`
}

function sameColumns (a: Array<string | null>, b: string[]): boolean {
  return a.length === b.length && b.every((name) => a.includes(name))
}
