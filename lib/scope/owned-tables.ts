import { is, type Column, type View } from 'drizzle-orm'
import { PgColumn, PgTable } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { qualified } from '../internal/sql-names.js'
import type { SharedTable } from '../options.js'
import type { OwnedTable, Owner, OwnerKind } from './owners.js'
import type { ParsedScopeOptions } from './scope-options.js'
import { tableFacts, viewFacts } from '../drizzle/tables.js'

/** How requests may use a table: the rows of its owners, or all rows read-only. */
export type Ownership = OwnedTable | { kind: 'shared' }

/** Answers for each table, view or alias of one, how requests may use it. */
export interface OwnedTables {
  /**
   * @throws errors.UnownedTable when it is neither owned nor shared, or an object of the table that leaves out one of
   * its owner columns
   */
  ownershipOf (source: PgTable | View): Ownership
  /** What its rows belong to; none for a table without an owner column. */
  ownersOf (source: PgTable | View): readonly Owner[]
}

/** What says which tables are whose. */
export type OwnershipOptions = Pick<ParsedScopeOptions, 'ownerColumn' | 'sharedTables'> &
  Partial<Pick<ParsedScopeOptions, 'organization'>>

/**
 * Compiles `ownerColumn`, `organization` and `sharedTables` into one answer a table.
 * @param columnName the database name of a column, under the database's `casing`
 * @param schema the tables the database knows, so that `ownerColumn` is asked about a table and not about its alias,
 * and another object of a table cannot leave out one of two owner columns
 * @throws {TypeError} when a shared table has an owner column, under whichever object, or an authored one has not both
 */
export function createOwnedTables (
  { ownerColumn, organization, sharedTables }: OwnershipOptions,
  columnName: (column: Column) => string,
  schema: PgTable[] = []
): OwnedTables {
  const shared = new Set(sharedTables.map(realName))
  const authored = new Set(organization?.authored.map(realName))
  const known = new WeakMap<object, Ownership>()
  const originals = new Map(schema.map((table) => [tableFacts(table).identity, table]))
  // By real name, what an object of the table has to have.
  const kinds = new Map<string, Set<OwnerKind>>()

  function columnsOfOwners (source: PgTable | View): Owner[] {
    const columns = Object.entries(is(source, PgTable) ? tableFacts(source).columns : viewFacts(source).selectedFields)
      .filter((entry): entry is [string, PgColumn] => is(entry[1], PgColumn))
    const user = columns.find(([, column]) => {
      return typeof ownerColumn === 'string' ? columnName(column) === ownerColumn : isOwner(column, source)
    })
    const other = organization && columns.find(([, column]) => columnName(column) === organization.column)
    if (user !== undefined && other !== undefined && columnName(user[1]) === columnName(other[1])) {
      throw new TypeError(
        `"ownerColumn" answers for ${realName(source)} the column "${organization!.column}", which holds its organization`
      )
    }
    return [
      ...user === undefined ? [] : [{ key: user[0], column: user[1], of: 'user' as const }],
      ...other === undefined ? [] : [{ key: other[0], column: other[1], of: 'organization' as const }]
    ]
  }

  function isOwner (column: PgColumn, source: PgTable | View): boolean {
    const original = is(source, PgTable) ? originals.get(tableFacts(source).identity) ?? source : source
    const owner = (ownerColumn as (table: PgTable) => PgColumn | undefined)(original as PgTable)
    if (owner === undefined) return false
    if (!is(owner, PgColumn)) {
      throw new TypeError(
        `"ownerColumn" must answer a column or undefined, for ${realName(source)} it answered ${typeof owner}`
      )
    }
    return columnName(owner) === columnName(column) && realName(owner.table) === realName(source)
  }

  function findOwnership (source: PgTable | View): Ownership | undefined {
    const written = columnsOfOwners(source)
    const name = realName(source)
    for (const of of kinds.get(name) ?? []) {
      if (!written.some((owner) => owner.of === of)) throw new errors.UnownedTable(incompleteMessage(name, of))
    }
    const author = authored.has(name) ? written.find(({ of }) => of === 'user') : undefined
    const [owner, ...others] = written.filter((owner) => owner !== author)
    if (owner !== undefined) return { kind: 'owned', owners: [owner, ...others], author, written }
    return shared.has(name) ? { kind: 'shared' } : undefined
  }

  // The objects of the schema too: one of the same table may leave its owner column out.
  const declared = schema.filter((table) => shared.has(realName(table)))
  for (const table of [...sharedTables, ...declared]) {
    if (columnsOfOwners(table).length > 0) {
      throw new TypeError(
        `${realName(table)} is in sharedTables, but it has an owner column: shared, it would show every user's rows. ` +
        'Take it out of sharedTables'
      )
    }
  }

  if (organization !== undefined) {
    for (const table of [...schema, ...organization.authored]) {
      const found = kinds.get(realName(table)) ?? new Set<OwnerKind>()
      for (const { of } of columnsOfOwners(table)) found.add(of)
      kinds.set(realName(table), found)
    }
    for (const table of organization.authored) {
      if (kinds.get(realName(table))!.size === 2) continue
      throw new TypeError(
        `${realName(table)} is in organization.authored, but it has not both a column "${organization.column}" and ` +
        'one of its author: take it out of the list, or give it the column'
      )
    }
  }

  return {
    ownersOf (source) {
      const ownership = known.get(identityOf(source)) ?? findOwnership(source)
      return ownership?.kind === 'owned' ? ownership.owners : []
    },
    ownershipOf (source) {
      const identity = identityOf(source)
      let ownership = known.get(identity)
      if (ownership === undefined) {
        ownership = findOwnership(source)
        if (ownership === undefined) throw new errors.UnownedTable(unownedMessage(source, ownerColumn, organization))
        known.set(identity, ownership)
      }
      return ownership
    }
  }
}

function identityOf (source: PgTable | View): object {
  return is(source, PgTable) ? tableFacts(source).identity : source
}

function unownedMessage (
  source: PgTable | View, ownerColumn: ParsedScopeOptions['ownerColumn'], organization: OwnershipOptions['organization']
): string {
  const names = [...typeof ownerColumn === 'string' ? [ownerColumn] : [], ...organization ? [organization.column] : []]
  const owner = typeof ownerColumn === 'string'
    ? `no column ${names.map((name) => `"${name}"`).join(' or ')}`
    : `no owner column${organization === undefined ? '' : ` and no column "${organization.column}"`}`
  return `${realName(source)} has ${owner} and is not in sharedTables, so request.db does not reach it: ` +
    'give it an owner column, or list it in sharedTables'
}

function incompleteMessage (name: string, of: OwnerKind): string {
  return `This object of ${name} leaves out the column of its ${of}, which the schema has: without it the scope would ` +
    'reach rows of others. Use the table of the schema'
}

/**
 * Schema and name in the database, whatever the object or its alias is called. A table without a schema is written
 * without one and found by PostgreSQL along the `search_path`; Drizzle takes it for one of `public`, which cannot be
 * named as a schema.
 */
export function realName (source: PgTable | View | SharedTable | Column['table']): string {
  const { schema, name } = is(source, PgTable) ? tableFacts(source) : viewFacts(source)
  return qualified(schema ?? 'public', name)
}
