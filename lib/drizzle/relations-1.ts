import { Column, is, Name, Placeholder, SQL, StringChunk, Subquery } from 'drizzle-orm'
import { errors } from '../errors.js'
import type { RelationalScope } from './contract.js'
import { checkedQuery, isFragment, type Relations, type TableRelations } from './relational-config-1.js'

/** What Drizzle 1.x hands to `buildRelationalQuery`; `queryConfig` is what the caller gave. */
export interface RelationalConfig {
  schema: Relations
  table: object
  tableConfig: TableRelations
  queryConfig: unknown
  mode: string
}

/** A relational query as SQL, and how its rows are read. */
export interface RelationalQuery { sql: SQL, selection: Selected[] }

interface Selected { field: unknown, selection?: Selected[] }

/** The codecs of a database's driver, by column. */
export interface Codecs {
  codecsOf (column: object, override?: string): Record<string, unknown>
  get (column: object, type: string, override?: string): unknown
  apply (column: object, type: string, value: unknown, override?: string): unknown
}

const originalName = Symbol.for('drizzle:OriginalName')
const schemaName = Symbol.for('drizzle:Schema')

/**
 * Stands in a table for the table's own name, so that whatever Drizzle reads from is met again in what it has built.
 */
class StandIn {
  constructor (readonly table: object) {}
}

/**
 * Builds a relational query of Drizzle 1.x with Drizzle's own builder, over stand-ins for the tables, and then replaces
 * them.
 *
 * Drizzle pushes everything to one flat list: its own texts and names, and in between the caller's pieces, as SQL. So
 * each SQL in the list that is not known to be Drizzle's is a fragment, and a list in which anything but a stand-in
 * follows `from` or `join` is refused.
 * @param build Drizzle's builder, for a configuration and codecs
 * @throws errors.InvalidArgument for what no query is made of
 */
export function buildRelationalQuery (
  build: (config: RelationalConfig, codecs: Codecs) => RelationalQuery,
  config: RelationalConfig,
  codecs: Codecs,
  scope: RelationalScope
): RelationalQuery {
  const schema = standInsFor(config.schema, scope)
  const tableConfig = schema[config.tableConfig.name]!
  // The casts of columns, which Drizzle writes: an extra inside of one is a fragment already.
  const trusted = new Set<unknown>()
  const noting: Codecs = {
    get: (...args) => codecs.get(...args),
    apply: (...args) => noted(trusted, codecs.apply(...args)),
    codecsOf: (...args) =>
      Object.fromEntries(
        Object.entries(codecs.codecsOf(...args)).map(([name, codec]) => [
          name,
          typeof codec === 'function' && name.startsWith('cast')
            ? (...given: unknown[]) => noted(trusted, codec(...given))
            : codec
        ])
      )
  }
  const queryConfig = checkedQuery(config.queryConfig, tableConfig, schema, scope)
  const { sql, selection } = asArgument(() =>
    build({ ...config, schema, table: tableConfig.table, tableConfig, queryConfig }, noting)
  )
  noteExtras(trusted, selection)
  return { sql: new SQL(scopedChunks(sql.queryChunks, trusted, scope) as never), selection }
}

function noted<T> (trusted: Set<unknown>, built: T): T {
  if (is(built, SQL)) trusted.add(built)
  return built
}

// Extras: Drizzle's own text around the caller's piece, which is a fragment.
function noteExtras (trusted: Set<unknown>, selection: Selected[]): void {
  for (const { field, selection: nested } of selection) {
    noted(trusted, field)
    if (nested !== undefined) noteExtras(trusted, nested)
  }
}

// What Drizzle says of an object is said of what the caller gave.
function asArgument<T> (build: () => T): T {
  try {
    return build()
  } catch (error) {
    if ((error as Error).name !== 'DrizzleError') throw error
    throw new errors.InvalidArgument((error as Error).message, { cause: error })
  }
}

const standIns = new WeakMap<Relations, Relations>()

function standInsFor (relations: Relations, scope: RelationalScope): Relations {
  let known = standIns.get(relations)
  if (known === undefined) standIns.set(relations, known = createStandIns(relations, scope))
  return known
}

function createStandIns (relations: Relations, scope: RelationalScope): Relations {
  const tables = new Map<object, object>()
  const standInFor = (table: object): object => {
    if (is(table, Subquery)) {
      throw new errors.Unsupported('A relation to a sub-query is not for request.db: define it to a table or a view')
    }
    let standIn = tables.get(table)
    if (standIn === undefined) {
      tables.set(table, standIn = Object.create(table, {
        [originalName]: { value: new StandIn(table) },
        [schemaName]: { value: undefined }
      }) as object)
    }
    return standIn
  }
  const schema: Relations = {}
  for (const [name, config] of Object.entries(relations)) {
    schema[name] = Object.create(config, {
      table: { get: () => standInFor(config.table) },
      relations: { value: {} }
    }) as TableRelations
  }
  for (const [name, config] of Object.entries(relations)) {
    for (const [key, relation] of Object.entries(config.relations)) {
      const { targetTable, throughTable, sourceTable, where, isFilterReversed, targetTableName } = relation
      const filtered = {
        name: isFilterReversed === true ? name : targetTableName,
        table: isFilterReversed === true ? config.table : targetTable,
        relations: {}
      }
      schema[name]!.relations[key] = Object.create(relation, {
        targetTable: { get: () => standInFor(targetTable) },
        sourceTable: { get: () => standInFor(sourceTable) },
        throughTable: { get: () => throughTable === undefined ? undefined : standInFor(throughTable) },
        where: { value: checkedPredefined(where, filtered, scope) }
      })
    }
  }
  return schema
}

function checkedPredefined (where: unknown, tableConfig: TableRelations, scope: RelationalScope): unknown {
  return typeof where === 'symbol'
    ? where
    : (checkedQuery({ where }, tableConfig, {}, scope) as { where: unknown }).where
}

// One flat list as it is rendered: tables by their stand-ins, everything of the caller's as a fragment.
function scopedChunks (chunks: readonly unknown[], trusted: Set<unknown>, scope: RelationalScope): unknown[] {
  const given = chunks.filter((chunk) => chunk !== undefined)
  const scoped: unknown[] = []
  let before = ''
  for (let index = 0; index < given.length; index++) {
    const chunk = given[index]
    const name: unknown = is(chunk, Name) ? chunk.value : undefined
    if (name instanceof StandIn) {
      const alias = given[index + 2]
      if (!readsFrom(before) || textOf(given[index + 1]) !== ' as ' || !is(alias, Name)) throw unknownShape()
      scoped.push(scope.scopedTable(name.table, alias.value))
      index += 2
      before = ''
      continue
    }
    const text = textOf(chunk)
    if (readsFrom(before) && !(text ?? '').startsWith('(select ')) throw unknownShape()
    if (before.endsWith('(') && /from\s*\($/.test(before) && text !== 'select ') throw unknownShape()
    scoped.push(text !== undefined || isPlain(chunk) || trusted.has(chunk) ? chunk : scope.fragment(chunk))
    before = text ?? ''
  }
  return scoped
}

// Names and columns are those of scoped tables only; a number is a limit or an offset.
function isPlain (chunk: unknown): boolean {
  return (
    isFragment(chunk) || is(chunk, Name) || is(chunk, Column) || is(chunk, Placeholder) || typeof chunk === 'number'
  )
}

function textOf (chunk: unknown): string | undefined {
  return is(chunk, StringChunk) ? chunk.value as unknown as string : undefined
}

function readsFrom (text: string): boolean {
  return /(?:^|[^\w"])(?:from|join)\s+$/i.test(text)
}

function unknownShape (): Error {
  return new errors.Unsupported(
    'This drizzle-orm builds relational queries in a way that the scope does not know: use the builders of request.db'
  )
}
