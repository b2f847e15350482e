import { Column, is, Name, Param, Placeholder, SQL, Subquery, Table, View, type Query } from 'drizzle-orm'
import { isPgEnum } from 'drizzle-orm/pg-core'
import {
  aliasOf, inlinesValues, isBuilder, isWord, isWrapper, originOf, subqueryParts, textOf
} from '../drizzle/pieces.js'
import { relationOf } from '../drizzle/relations.js'
import { drizzle } from '../drizzle/version.js'
import { tableAliasOf, tableFacts, viewFacts } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import {
  BuiltStatement, builtStatementOf, CteDeclaration, Fragment, isFault, OwnerPredicate, ScopedCondition, ScopedTable,
  TargetTable
} from './chunks.js'
import { castOf, encode, encodeLater } from './encoded-values.js'
import { isEquality, judgeFragment, returnsSet, type Allowed } from './fragments.js'
import type { Owner } from './owners.js'
import { StatementText, type TextDialect } from './statement-text.js'

/** The text of a statement of the scope, and what is known of it. */
export interface BuiltQuery extends Query {
  /** Whether it changes rows or locks them, and so goes to the primary. */
  writes: boolean
  /** Whether it reads tables and calls nothing that could have an effect. */
  isRepeatable: boolean
  /** Whether it is the caller's own text. */
  isRaw?: boolean
  /** The tables in it, by the names that Drizzle's cache has for them. */
  tables?: string[]
}

/** What is asked of the dialect that a statement is rendered for. */
export interface RenderingDialect extends TextDialect {
  readonly allowed: Allowed
  columnName (column: Column): string
  ownerValue (owner: Owner): Param
}

/**
 * Turns a scoped statement into text and parameters.
 *
 * PostgreSQL is free to evaluate the caller's condition on a row before it compares the owner, and a condition that is
 * not leakproof, that fails on some rows (`like 'secret\\'`, a cast, a division), would tell what is in them. A
 * statement that holds one is written again with a fence around every scoped table, `offset 0`, which no condition
 * passes, and the condition out of the planner's sight.
 * @throws errors.UnsafeFragment, errors.ForeignBuilder, errors.InvalidTimestamp
 */
export function render (dialect: RenderingDialect, statement: SQL): BuiltQuery {
  const open = new Renderer(dialect, false)
  const query = open.render(statement)
  const { needsFence, systemColumns } = open
  return needsFence || systemColumns.size > 0
    ? new Renderer(dialect, needsFence, systemColumns).render(statement)
    : query
}

// What PostgreSQL knows of each row of a table, and `*` leaves out.
const systemColumn = /(?<![\w$])(?:xmin|xmax|cmin|cmax|ctid|tableoid)(?![\w$])/gi

// To estimate what it will find, the planner evaluates an operator on the values that it keeps of a column, every
// user's; not behind a `case` that it cannot decide, and `now()` is decided when the statement runs.
function hiddenFromThePlanner (text: string): string {
  return `case when now() is not null then (${text}) end`
}

/**
 * Everything a query holds passes here: what the dialect built is trusted, what stands in a {@link Fragment} is judged.
 */
class Renderer {
  /** Whether a condition that is not leakproof stands where other users' rows could reach it. */
  needsFence = false
  #writes = false
  #isPlain = true
  #depth = 0
  #relations: ReadonlySet<string> | undefined
  #ctes = new Map<string, SQL>()
  readonly #tables = new Set<string>()
  readonly #statement: StatementText

  /** The system columns that the caller's pieces name. */
  readonly systemColumns = new Set<string>()

  constructor (
    readonly dialect: RenderingDialect,
    readonly fenced: boolean,
    readonly selected: ReadonlySet<string> = new Set()
  ) {
    this.#statement = new StatementText(dialect)
  }

  render (sql: SQL): BuiltQuery {
    this.#chunks(sql.queryChunks)
    const { text, params } = this.#statement
    const query = { sql: text, params, writes: this.#writes, isRepeatable: this.#isPlain && !this.#writes }
    return drizzle.asksForTables ? { ...query, tables: [...this.#tables] } : query
  }

  #chunks (chunks: unknown[]): void {
    for (const chunk of chunks) this.#chunk(chunk)
  }

  #chunk (chunk: unknown): void {
    if (chunk === undefined) return
    const text = textOf(chunk)
    if (text !== undefined) return this.#write(text)
    if (is(chunk, Column)) return this.#column(chunk)
    if (chunk instanceof BuiltStatement) return this.#builtStatement(chunk)
    if (chunk instanceof Fragment) return this.#fragment(chunk)
    if (is(chunk, Name)) return this.#write(this.dialect.escapeName(chunk.value))
    if (is(chunk, Param)) return this.#param(chunk)
    if (is(chunk, SQL)) return this.#sql(chunk)
    if (is(chunk, Placeholder)) return this.#statement.sendLater(chunk, (value) => value)
    if (Array.isArray(chunk)) return this.#list(chunk)
    if (chunk instanceof ScopedTable) return this.#scopedTable(chunk)
    if (chunk instanceof TargetTable) return this.#targetTable(chunk)
    if (chunk instanceof OwnerPredicate) return this.#ownerPredicate(chunk)
    if (chunk instanceof ScopedCondition) return this.#scopedCondition(chunk)
    if (chunk instanceof CteDeclaration) { this.#ctes.set(chunk.alias, chunk.sql); return }
    if (is(chunk, SQL.Aliased)) return this.#write(this.#qualified(originOf(chunk), chunk.fieldAlias))
    if (is(chunk, Subquery)) return this.#subquery(chunk)
    // A table named in a fragment can only mean a row of one that is scoped already: no clause passes the judgement.
    if (is(chunk, Table)) return this.#write(this.dialect.escapeName(tableFacts(chunk as never).alias))
    if (is(chunk, View)) return this.#write(this.dialect.escapeName(viewFacts(chunk).alias))
    if (isPgEnum(chunk)) return this.#write(this.#qualified(chunk.schema, chunk.enumName))
    if (isWrapper(chunk)) return this.#wrapper(chunk)
    return this.#statement.bind(chunk)
  }

  #write (text: string): void {
    this.#statement.write(text)
  }

  #columnOf (table: string, column: Column): string {
    return `${this.dialect.escapeName(table)}.${this.dialect.escapeName(this.dialect.columnName(column))}`
  }

  #qualified (schema: string | undefined, name: string): string {
    return (schema === undefined ? '' : `${this.dialect.escapeName(schema)}.`) + this.dialect.escapeName(name)
  }

  #column (column: Column): void {
    this.#noteSystemColumns(column.name)
    const aliased = aliasOf(column)
    if (aliased !== undefined) return this.#write(this.dialect.escapeName(aliased.alias))
    this.#statement.writeColumn(this.#columnOf(tableAliasOf(column), column))
  }

  #noteSystemColumns (text: string): void {
    for (const [name] of text.matchAll(systemColumn)) this.systemColumns.add(name.toLowerCase())
  }

  #param (param: Param): void {
    const { value, encoder } = param
    const cast = castOf(encoder, this.dialect)
    if (is(value, Placeholder)) {
      return this.#statement.sendLater(value, (later) => encodeLater(encoder, later, this.dialect), cast)
    }
    const encoded = encode(encoder, value, this.dialect)
    // An encoder may answer SQL: it is the caller's text like any other.
    if (is(encoded, SQL)) {
      return this.#statement.inFragment ? this.#sql(encoded) : this.#fragment(new Fragment(encoded, 'value'))
    }
    this.#statement.bind(encoded, cast)
  }

  #sql (sql: SQL): void {
    const relation = this.#relations && relationOf(sql)
    // Drizzle names the rows of a relation by hand; with the relation joined, it is a column and no function of the
    // row.
    if (relation !== undefined && this.#relations!.has(relation.alias)) {
      return this.#statement.writeColumn(
        `${this.dialect.escapeName(relation.alias)}.${this.dialect.escapeName(relation.column)}`
      )
    }
    this.#statement.asInlined(inlinesValues(sql), () => { this.#chunks(sql.queryChunks) })
  }

  #list (items: unknown[]): void {
    if (this.#statement.isBehindLike) throw new errors.InvalidArgument('A pattern for like is a text, and not a list')
    this.#write('(')
    items.forEach((item, index) => {
      if (index > 0) this.#write(', ')
      this.#chunk(item)
    })
    this.#write(')')
  }

  #builtStatement (statement: BuiltStatement): void {
    const sql = statement.sqlFor(this.dialect)
    this.#writes ||= statement.writes
    const ctes = this.#ctes
    const relations = this.#relations
    this.#ctes = new Map(ctes)
    this.#relations = statement.relations
    this.#depth++
    this.#statement.asStatement(() => { this.#chunks(sql.queryChunks) })
    this.#depth--
    this.#relations = relations
    this.#ctes = ctes
  }

  #fragment ({ piece, place }: Fragment, isHidden = !this.fenced): void {
    if (this.#statement.inFragment) return this.#chunk(piece)
    const bare = place === 'list' || isWord(piece, place === 'field' ? '*' : place === 'value' ? 'default' : undefined)
    const { judged, replace } = this.#statement.asFragment(() => { this.#chunk(piece) })
    const isLeakproof = judgeFragment(judged, this.dialect.allowed)
    this.#isPlain &&= isLeakproof
    this.#noteSystemColumns(judged)
    // What the outermost statement selects, sorts by or writes is computed of the rows that are left.
    const mayFail =
      !isLeakproof &&
      (place === 'expression' || place === 'full join' || (this.#depth > 1 && (place === 'field' || place === 'list')))
    this.needsFence ||= mayFail
    // The planner moves a field of a sub-query into the conditions around it. One that returns a set it leaves alone.
    const stays = place === 'full join' ? isEquality(judged) : place === 'field' && returnsSet(judged)
    const hides = mayFail && !stays && !isHidden
    if (!bare) replace((text) => `(${hides ? hiddenFromThePlanner(text) : text})`)
  }

  #scopedTable ({ schema, name, alias, owners, isView }: ScopedTable): void {
    this.#isPlain &&= !isView
    if (schema === undefined && this.#ctes.has(name)) {
      throw new errors.Unsupported(`A common table expression is named like the table "${name}": give it another name`)
    }
    this.#tables.add(cacheKey(schema, name))
    const table = this.#qualified(schema, name)
    const as = this.dialect.escapeName(alias)
    if (owners.length === 0) return this.#write(schema === undefined && alias === name ? table : `${table} ${as}`)
    // By the table's name: without it, a table that lacks the column would take it from a query around it.
    const system = isView ? [] : [...this.selected].map((name) => `, ${this.dialect.escapeName(name)}`)
    this.#write(`(select *${system.join('')} from ${table} where `)
    this.#ownerPredicate({ table: name, owners })
    this.#write(`${this.fenced ? ' offset 0' : ''}) ${as}`)
  }

  #targetTable ({ schema, name }: TargetTable): void {
    this.#tables.add(cacheKey(schema, name))
    this.#write(this.#qualified(schema, name))
  }

  #scopedCondition ({ owner, where }: ScopedCondition): void {
    this.#write('(')
    this.#ownerPredicate(owner)
    this.#write(') and ')
    if (!this.fenced) return this.#fragment(where)
    this.#write('case when ')
    this.#ownerPredicate(owner)
    this.#write(' then ')
    this.#fragment(where, true)
    this.#write(' end')
  }

  #ownerPredicate ({ table, owners }: Pick<OwnerPredicate, 'table' | 'owners'>): void {
    owners.forEach((owner, index) => {
      this.#write(`${index === 0 ? '' : ' and '}${this.#columnOf(table, owner.column)} = `)
      this.#param(this.dialect.ownerValue(owner))
    })
  }

  #subquery (subquery: Subquery): void {
    const { alias, sql, isWith } = subqueryParts(subquery)
    if (isWith) {
      if (this.#ctes.get(alias) !== sql) {
        throw new errors.ForeignBuilder(
          `The common table expression "${alias}" is read where it is not declared: ` +
          'hand it to with() of the query that reads it, after those it reads itself'
        )
      }
      return this.#write(this.dialect.escapeName(alias))
    }
    if (this.#statement.inFragment) {
      throw new errors.UnsafeFragment(
        `The sub-query "${alias}" stands inside a raw sql fragment: join it, or hand the builder over without .as()`
      )
    }
    this.#write('(')
    this.#builtStatement(builtStatementOf(sql))
    this.#write(`) ${this.dialect.escapeName(alias)}`)
  }

  #wrapper (wrapper: { getSQL (): SQL }): void {
    const sql = wrapper.getSQL()
    const [only] = sql.queryChunks
    if (isFault(only)) throw only.reason
    if (only instanceof BuiltStatement && sql.queryChunks.length === 1) return this.#builtStatement(only)
    if (isBuilder(wrapper)) throw new errors.ForeignBuilder()
    this.#write('(')
    this.#sql(sql)
    this.#write(')')
  }
}

function cacheKey (schema: string | undefined, name: string): string {
  return schema === undefined ? name : `${schema}.${name}`
}
