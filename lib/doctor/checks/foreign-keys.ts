import { quoted } from '../../internal/sql-names.js'
import { ownedTables, remedy, type Check, type Examined, type Finding, type OwnedTable } from '../check.js'
import type { ForeignKeyFacts } from '../facts.js'
import { columnList, placeOf, propertyOf, tableName } from '../sql-names.js'

type Judgement = Pick<Finding, 'severity' | 'problem' | 'why'>

/** `on delete set null (column)` came with PostgreSQL 15. */
const withColumnList = 150_000

/** A foreign key between owned tables without the owner in it, or one that sets the owner to null. */
export const foreignKeys: Check = (examined) => {
  const owned = new Map(ownedTables(examined).map((table) => [table.key, table]))
  return [...owned.values()].flatMap((table) =>
    table.foreignKeys.flatMap((foreignKey): Finding[] => {
      const target = owned.get(foreignKey.to)
      if (target === undefined) return []
      const place = { check: 'foreign-keys', place: placeOf(table, foreignKey.name) }
      const plan = planOf(table, target, foreignKey, examined)
      const remedies = remedy(table, { sql: sqlFor(plan), edit: editFor(plan) })
      if (!holdsOwner(foreignKey, table, target)) {
        return [{ ...place, ...withoutOwner(foreignKey, target), ...remedies }]
      }
      return setsOwner(foreignKey, table) ? [{ ...place, ...emptiesOwner(foreignKey, table), ...remedies }] : []
    })
  )
}

function withoutOwner (
  { onDelete }: ForeignKeyFacts,
  target: OwnedTable
): Judgement {
  const reaches = ['cascade', 'set null', 'set default'].includes(onDelete)
  const effect = reaches
    ? '; and when that user deletes theirs, PostgreSQL changes or deletes this one, past every scope'
    : ', and such a row keeps that user from deleting theirs'
  return {
    severity: reaches ? 'error' : 'warning',
    problem: `A foreign key to ${placeOf(target)} leaves the owner out${reaches ? `, on delete ${onDelete}` : ''}`,
    why:
      "Nothing in the database keeps a row from pointing at another user's: request.db looks before it writes, " +
      `other writers do not${effect}.`
  }
}

function emptiesOwner ({ onDelete }: ForeignKeyFacts, table: OwnedTable): Judgement {
  const action = onDelete.slice('set '.length)
  const nullable = table.columns.find(({ name }) => name === table.owner)?.nullable
  return {
    severity: 'error',
    problem: `On delete, the foreign key sets the owner column "${table.owner}" to ${action} too`,
    why:
      nullable === false && action === 'null'
        ? 'The owner column takes no null: deleting the row that it points at fails.'
        : 'When the row that it points at is deleted, this row loses its owner, and no request sees it any more.'
  }
}

function holdsOwner ({ columns, toColumns }: ForeignKeyFacts, table: OwnedTable, target: OwnedTable): boolean {
  return columns.some((name, index) => name === table.owner && toColumns[index] === target.owner)
}

function setsOwner ({ onDelete, onDeleteColumns }: ForeignKeyFacts, table: OwnedTable): boolean {
  return onDelete.startsWith('set ') && (onDeleteColumns === undefined || onDeleteColumns.includes(table.owner))
}

/** What the foreign key should be. */
interface Plan {
  table: OwnedTable
  target: OwnedTable
  name: string
  columns: string[]
  toColumns: string[]
  onDelete: string
  /** The columns that `set null` or `set default` is about; the owner is none of them. */
  emptied: string[]
  /** The target has a unique constraint over the columns. */
  hasKey: boolean
}

function planOf (table: OwnedTable, target: OwnedTable, foreignKey: ForeignKeyFacts, { version }: Examined): Plan {
  const added = holdsOwner(foreignKey, table, target) ? [] : [[table.owner, target.owner] as const]
  const pairs = [...added, ...foreignKey.columns.map((name, index) => [name, foreignKey.toColumns[index]!] as const)]
  const columns = pairs.map(([name]) => name)
  const toColumns = pairs.map(([, name]) => name)
  const emptied = foreignKey.onDelete.startsWith('set ') ? columns.filter((name) => name !== table.owner) : []
  const isWritable = emptied.length === 0 || version === 0 || version >= withColumnList
  return {
    table,
    target,
    name: foreignKey.name,
    columns,
    toColumns,
    onDelete: isWritable ? foreignKey.onDelete : 'no action',
    emptied: isWritable ? emptied : [],
    hasKey: target.keys.some((key) => key.kind !== 'index' && !key.partial && sameColumns(key.columns, toColumns))
  }
}

function sqlFor ({ table, target, name, columns, toColumns, onDelete, emptied, hasKey }: Plan): string {
  const key = hasKey ? '' : `alter table ${tableName(target)} add unique (${columnList(toColumns)}); `
  const action = onDelete === 'no action' ? '' : ` on delete ${onDelete}${listed(emptied)}`
  return (
    `${key}alter table ${tableName(table)} drop constraint ${quoted(name)}, add foreign key ` +
    `(${columnList(columns)}) references ${tableName(target)} (${columnList(toColumns)})${action};`
  )
}

function editFor ({ table, target, columns, toColumns, onDelete, emptied, hasKey }: Plan): string {
  const list = (names: string[], of: string): string => names.map((name) => `${of}.${propertyOf(name)}`).join(', ')
  // drizzle-kit writes a foreign key before the unique constraint that it needs.
  const key = hasKey
    ? ''
    : `Add unique().on(${list(toColumns, 'table')}) to ${target.name}, and generate and run that migration first. `
  const action = onDelete === 'no action' || emptied.length > 0 ? '' : `.onDelete('${onDelete}')`
  const afterwards =
    emptied.length === 0
      ? ''
      : ` drizzle-kit cannot write "on delete ${onDelete}${listed(emptied)}": put that in place of ` +
        '"ON DELETE no action" in the migration that drizzle-kit generate makes.'
  return (
    `${key}In ${table.name}, replace it by foreignKey({ columns: [${list(columns, 'table')}], ` +
    `foreignColumns: [${list(toColumns, propertyOf(target.name))}] })${action}.${afterwards}`
  )
}

function listed (columns: string[]): string {
  return columns.length === 0 ? '' : ` (${columnList(columns)})`
}

function sameColumns (a: Array<string | null>, b: string[]): boolean {
  return a.length === b.length && b.every((name) => a.includes(name))
}
