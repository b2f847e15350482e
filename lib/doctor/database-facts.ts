import { catalog, roleStatement } from './catalog.js'
import type { Query } from './connect.js'
import {
  tableKey,
  type ColumnFacts,
  type DatabaseFacts,
  type ForeignKeyFacts,
  type KeyFacts,
  type PolicyFacts,
  type RoleFacts,
  type TableFacts,
  type TriggerFacts
} from './facts.js'

/** Told what is being read, how many parts are read, and how many there are. */
export type OnRead = (what: string, done: number, total: number) => void

type Of<Facts> = Facts & { id: string }
type RelationRow = Of<
  Pick<TableFacts, 'schema' | 'name' | 'kind' | 'rowLevelSecurity' | 'forced' | 'ownedByRole' | 'securityInvoker'>
>
type ForeignKeyRow = Of<Omit<ForeignKeyFacts, 'to'> & { toSchema: string, toName: string }>

/**
 * Reads what the checks need from the catalogs, in one read-only transaction that is rolled back.
 * @param role the role that statements will have; the connection's own by default
 */
export async function databaseFacts (
  query: Query,
  role: string | undefined,
  onRead: OnRead = () => {}
): Promise<DatabaseFacts> {
  await query('begin transaction isolation level repeatable read read only')
  try {
    // Nothing of the database's own is looked up by a bare name.
    await query('set local search_path = pg_catalog')
    await query("set local statement_timeout = '60s'")
    return await read(query, role, onRead)
  } finally {
    await query('rollback').catch(() => {})
  }
}

async function read (query: Query, role: string | undefined, onRead: OnRead): Promise<DatabaseFacts> {
  const total = Object.keys(catalog).length
  let done = 0
  const rows = async <Row>(part: keyof typeof catalog): Promise<Row[]> => {
    onRead(part, done++, total)
    return await query<Row>(catalog[part])
  }

  const [found] = await query<RoleFacts & { version: number }>(roleStatement, [role ?? ''])
  const facts = found!
  if (role !== undefined && facts.exists) await query("select set_config('fai_doctor.role', $1, true)", [role])

  const relations = await rows<RelationRow>('tables')
  const columns = groupBy(await rows<Of<ColumnFacts>>('columns'))
  const keys = groupBy(await rows<Of<KeyFacts>>('keys'))
  const foreignKeys = groupBy(await rows<ForeignKeyRow>('foreign keys'))
  const policies = groupBy(await rows<Of<PolicyFacts>>('policies'))
  const triggers = groupBy(await rows<Of<TriggerFacts>>('triggers'))
  const reads = groupBy(await rows<Of<{ schema: string, name: string }>>('views'))

  const tables = relations.map(({ id, ...relation }): TableFacts => ({
    ...relation,
    from: 'database',
    key: tableKey(relation.schema, relation.name),
    securityInvoker: relation.kind === 'view' ? relation.securityInvoker : undefined,
    columns: (columns.get(id) ?? []).map((column) => ({ ...column, default: column.default ?? undefined })),
    keys: keys.get(id) ?? [],
    foreignKeys: (foreignKeys.get(id) ?? []).map(({ toSchema, toName, onDeleteColumns, ...foreignKey }) => ({
      ...foreignKey,
      onDeleteColumns: onDeleteColumns ?? undefined,
      to: tableKey(toSchema, toName)
    })),
    policies: (policies.get(id) ?? []).map((policy) => ({
      ...policy,
      using: policy.using ?? undefined,
      check: policy.check ?? undefined
    })),
    triggers: triggers.get(id) ?? [],
    reads: (reads.get(id) ?? []).map(({ schema, name }) => tableKey(schema, name))
  }))
  return {
    tables,
    role: {
      name: facts.name,
      exists: facts.exists,
      canBeTaken: facts.canBeTaken,
      superuser: facts.superuser,
      bypassesRowLevelSecurity: facts.bypassesRowLevelSecurity
    },
    version: facts.version
  }
}

function groupBy<Row extends { id: string }> (rows: Row[]): Map<string, Array<Omit<Row, 'id'>>> {
  const groups = new Map<string, Array<Omit<Row, 'id'>>>()
  for (const { id, ...row } of rows) {
    const group = groups.get(id)
    if (group === undefined) groups.set(id, [row])
    else group.push(row)
  }
  return groups
}
