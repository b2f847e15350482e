import { Column, is, Name, Param, Placeholder, SQL, StringChunk, Subquery, Table, View } from 'drizzle-orm'
import { isPgEnum, type PgColumn } from 'drizzle-orm/pg-core'
import { errors } from '../errors.js'
import { CteDeclared, Fragment, isWord, OwnCondition, OwnerIsMe, Sealed, sealedChunks, Slice, Target } from './chunks.js'
import type { BuiltQuery } from '../drizzle/internals.js'
import { encode, encodeLater } from './encoded-values.js'
import { judgeFragment, type Allowed } from './fragments.js'
import { StatementText, type WritingDialect } from './statement-text.js'
import { isWrapper, tableAliasOf, tableFacts, viewFacts } from '../drizzle/tables.js'

type ScopedRendering = WritingDialect & { me (owner: PgColumn): Param, allowed: Allowed }

/**
 * Turns a scoped statement into text and parameters.
 *
 * PostgreSQL is free to try the caller's condition on a row before it compares the owner, and a condition that fails on
 * some rows (`like 'secret\\'`, a cast, a division) would tell what is in them. A statement that holds one is written again
 * with a fence around every slice, `offset 0`, which no condition passes, and the condition out of the planner's sight.
 * @throws errors.UnsafeFragment, errors.ForeignBuilder, errors.InvalidTimestamp
 */
export function render (dialect: ScopedRendering, statement: SQL): BuiltQuery {
  const open = new Renderer(dialect, false)
  const query = open.render(statement)
  return open.isTelling ? new Renderer(dialect, true).render(statement) : query
}

// The planner tries an operator on the values it keeps of a column, everybody's, to estimate what it will find; not behind a
// `case` that it cannot decide, and `now()` is decided when the statement runs.
function hiddenFromThePlanner (text: string): string {
  return `case when now() is not null then (${text}) end`
}

/** Everything a query holds passes here: what the dialect built is trusted, what stands in a {@link Fragment} is judged. */
class Renderer {
  /** Whether a condition was met that may fail on a row. */
  isTelling = false
  #writes = false
  #isPlain = true
  #depth = 0
  #ctes = new Map<string, SQL>()
  readonly #statement: StatementText

  constructor (readonly dialect: ScopedRendering, readonly fenced: boolean) {
    this.#statement = new StatementText(dialect)
  }

  render (sql: SQL): BuiltQuery {
    this.#chunks(sql.queryChunks)
    const { text, params } = this.#statement
    return { sql: text, params, writes: this.#writes, isRepeatable: this.#isPlain && !this.#writes }
  }

  #chunks (chunks: unknown[]): void {
    for (const chunk of chunks) this.#chunk(chunk)
  }

  #chunk (chunk: unknown): void {
    if (chunk === undefined) return
    if (is(chunk, StringChunk)) return this.#write(chunk.value.join(''))
    if (is(chunk, Column)) return this.#statement.writeColumn(`${this.dialect.escapeName(tableAliasOf(chunk))}.${this.dialect.escapeName(this.dialect.casing.getColumnCasing(chunk))}`)
    if (chunk instanceof Sealed) return this.#sealed(chunk)
    if (chunk instanceof Fragment) return this.#fragment(chunk)
    if (is(chunk, Name)) return this.#write(this.dialect.escapeName(chunk.value))
    if (is(chunk, Param)) return this.#param(chunk)
    if (is(chunk, SQL)) return this.#sql(chunk)
    if (is(chunk, Placeholder)) return this.#statement.sendLater(chunk, (value) => value)
    if (Array.isArray(chunk)) return this.#list(chunk)
    if (chunk instanceof Slice) return this.#slice(chunk)
    if (chunk instanceof Target) return this.#write(this.#qualified(chunk.schema, chunk.name))
    if (chunk instanceof OwnerIsMe) return this.#ownerIsMe(chunk)
    if (chunk instanceof OwnCondition) return this.#ownCondition(chunk)
    if (chunk instanceof CteDeclared) { this.#ctes.set(chunk.alias, chunk.sql); return }
    if (is(chunk, SQL.Aliased)) return this.#write(this.dialect.escapeName(chunk.fieldAlias))
    if (is(chunk, Subquery)) return this.#subquery(chunk)
    // A table named in a fragment can only mean a row the query has sliced already: no clause gets past the judge.
    if (is(chunk, Table)) return this.#write(this.dialect.escapeName(tableFacts(chunk as never).alias))
    if (is(chunk, View)) return this.#write(this.dialect.escapeName(viewFacts(chunk).alias))
    if (isPgEnum(chunk)) return this.#write(this.#qualified(chunk.schema, chunk.enumName))
    if (isWrapper(chunk)) return this.#wrapper(chunk)
    return this.#statement.bind(chunk)
  }

  #write (text: string): void {
    this.#statement.write(text)
  }

  #qualified (schema: string | undefined, name: string): string {
    return (schema === undefined ? '' : `${this.dialect.escapeName(schema)}.`) + this.dialect.escapeName(name)
  }

  #param (param: Param): void {
    const { value, encoder } = param
    if (is(value, Placeholder)) return this.#statement.sendLater(value, (later) => encodeLater(encoder, later))
    const encoded = encode(encoder, value)
    // An encoder may answer SQL: it is the caller's text like any other.
    if (is(encoded, SQL)) return this.#statement.inFragment ? this.#sql(encoded) : this.#fragment(new Fragment(encoded, 'value'))
    this.#statement.bind(encoded)
  }

  #sql (sql: SQL): void {
    this.#statement.asInlined((sql as unknown as { shouldInlineParams: boolean }).shouldInlineParams, () => { this.#chunks(sql.queryChunks) })
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

  #sealed (sealed: Sealed): void {
    const sql = sealed.openFor(this.dialect)
    this.#writes ||= sealed.writes
    const ctes = this.#ctes
    this.#ctes = new Map(ctes)
    this.#depth++
    this.#statement.asStatement(() => { this.#chunks(sql.queryChunks) })
    this.#depth--
    this.#ctes = ctes
  }

  #fragment ({ piece, place }: Fragment, isHidden = !this.fenced): void {
    if (this.#statement.inFragment) return this.#chunk(piece)
    const bare = place === 'list' || isWord(piece, place === 'field' ? '*' : place === 'value' ? 'default' : undefined)
    const { judged, replace } = this.#statement.asFragment(() => { this.#chunk(piece) })
    const isHarmless = judgeFragment(judged, this.dialect.allowed)
    this.#isPlain &&= isHarmless
    // What the outermost statement selects, sorts by or writes is computed of the rows that are left.
    const isTelling = !isHarmless && (place === 'expression' || (this.#depth > 1 && (place === 'field' || place === 'list')))
    this.isTelling ||= isTelling
    if (!bare) replace((text) => `(${isTelling && !isHidden ? hiddenFromThePlanner(text) : text})`)
  }

  #slice ({ schema, name, alias, owner, isView }: Slice): void {
    this.#isPlain &&= !isView
    if (schema === undefined && this.#ctes.has(name)) {
      throw new errors.Unsupported(`A common table expression is named like the table "${name}": give it another name`)
    }
    const table = this.#qualified(schema, name)
    const as = this.dialect.escapeName(alias)
    if (owner === null) return this.#write(schema === undefined && alias === name ? table : `${table} ${as}`)
    // By the table's name: without it, a table that lacks the column would take it from a query around it.
    this.#write(`(select * from ${table} where ${this.dialect.escapeName(name)}.${this.dialect.escapeName(this.dialect.casing.getColumnCasing(owner))} = `)
    this.#param(this.dialect.me(owner))
    this.#write(`${this.fenced ? ' offset 0' : ''}) ${as}`)
  }

  #ownCondition ({ mine, where }: OwnCondition): void {
    this.#write('(')
    this.#ownerIsMe(mine)
    this.#write(') and ')
    if (!this.fenced) return this.#fragment(where)
    this.#write('case when ')
    this.#ownerIsMe(mine)
    this.#write(' then ')
    this.#fragment(where, true)
    this.#write(' end')
  }

  #ownerIsMe ({ table, owner }: OwnerIsMe): void {
    this.#write(`${this.dialect.escapeName(table)}.${this.dialect.escapeName(this.dialect.casing.getColumnCasing(owner))} = `)
    this.#param(this.dialect.me(owner))
  }

  #subquery (subquery: Subquery): void {
    const { alias, sql, isWith } = subquery._
    if (isWith) {
      if (this.#ctes.get(alias) !== sql) {
        throw new errors.ForeignBuilder(`The common table expression "${alias}" is read where it is not declared: hand it to with() of the query that reads it, after those it reads itself`)
      }
      return this.#write(this.dialect.escapeName(alias))
    }
    if (this.#statement.inFragment) throw new errors.UnsafeFragment(`The sub-query "${alias}" stands inside a raw sql fragment: join it, or hand the builder over without .as()`)
    this.#write('(')
    this.#chunks(sealedChunks(sql))
    this.#write(`) ${this.dialect.escapeName(alias)}`)
  }

  #wrapper (wrapper: { getSQL (): SQL }): void {
    const sql = wrapper.getSQL()
    const [only] = sql.queryChunks
    if (only instanceof Sealed && sql.queryChunks.length === 1) return this.#sealed(only)
    if (looksLikeBuilder(wrapper)) throw new errors.ForeignBuilder()
    this.#write('(')
    this.#sql(sql)
    this.#write(')')
  }
}

function looksLikeBuilder (wrapper: object): boolean {
  return 'toSQL' in wrapper || 'getSelectedFields' in wrapper
}
