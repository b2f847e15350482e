import { Column, is, Param, Placeholder, SQL, sql, Subquery, type SQLWrapper } from 'drizzle-orm'
import { PgColumn, PgTable, type SelectedFieldsOrdered } from 'drizzle-orm/pg-core'
import { PgViewBase } from 'drizzle-orm/pg-core/view-base'
import { errors } from '../errors.js'
import { CteDeclared, Fragment, OwnCondition, OwnerIsMe, Sealed, sealedChunks, Slice, Target } from './chunks.js'
import {
  decodeLikeItsField, OpenPgDialect,
  type BuiltQuery, type DeleteConfig, type DialectInternals, type InsertConfig, type LockingClause, type SelectConfig, type SelectJoin, type SetOperator, type UpdateConfig
} from '../drizzle/internals.js'
import { buildInsert, buildSet } from './written-values.js'
import type { Allowed } from './fragments.js'
import type { Ownership, OwnedTables } from './owned-tables.js'
import type { OwnerParameter } from './parameters.js'
import { render } from './render.js'
import { isWrapper, tableFacts, viewFacts } from '../drizzle/tables.js'

const lockStrengths = new Set(['update', 'no key update', 'share', 'key share'])
const joinTypes = new Set(['left', 'right', 'inner', 'full', 'cross'])
const setOperatorTypes = new Set(['union', 'intersect', 'except'])

/**
 * Drizzle's PostgreSQL dialect for one user. Every builder becomes SQL here, so every owned table is rendered
 * as the user's slice of it, whichever builder, join, alias, sub-query or relation names it; the caller's
 * pieces go through as fragments that are judged when they are rendered.
 */
export class ScopedDialect extends OpenPgDialect implements DialectInternals {
  constructor (
    readonly userId: string | OwnerParameter, readonly tables: OwnedTables, casing: DialectInternals['casing'],
    /** What a caller's fragment may hold beyond an expression. */
    readonly allowed: Allowed = 'nothing',
    /** What becomes of a value before the driver has it. */
    readonly toDriver: (value: unknown) => unknown = (value) => value
  ) {
    super()
    this.casing = casing
  }

  /** The user's id as a value of an owner column. */
  me (owner: PgColumn): Param {
    return new Param(this.userId, owner)
  }

  /** Makes a finished statement of this user's, opaque to everyone else. */
  seal (statement: SQL, writes: boolean): SQL {
    return new SQL([new Sealed(this, statement, writes) as never])
  }

  override sqlToQuery (statement: SQL): BuiltQuery {
    sealedChunks(statement)
    return render(this, statement)
  }

  override buildFromTable (source: unknown): unknown {
    if (is(source, PgTable)) {
      const { schema, name, alias } = tableFacts(source)
      return new Slice(schema, name, alias, this.#ownerOf(source))
    }
    if (is(source, PgViewBase)) {
      const { schema, name, alias } = viewFacts(source)
      return new Slice(schema, name, alias, this.#ownerOf(source), true)
    }
    // What it is made of is looked at where it is rendered.
    if (is(source, Subquery)) return source
    throw new errors.UnsafeFragment('Raw SQL cannot be selected from or joined: use a table, or a sub-query of request.db')
  }

  override buildJoins (joins: SelectJoin[] | undefined): SQL | undefined {
    if (joins === undefined || joins.length === 0) return undefined
    return sql.join(joins.map(({ table, joinType, lateral, on }) => {
      if (!joinTypes.has(joinType)) throw new errors.Unsupported(`"${joinType}" is no join`)
      return sql`${sql.raw(` ${joinType} join ${lateral === true ? 'lateral ' : ''}`)}${this.buildFromTable(table)}${on && sql` on ${new Fragment(on)}`}`
    }))
  }

  override buildWithCTE (queries: Subquery[] | undefined): SQL | undefined {
    if (queries === undefined || queries.length === 0) return undefined
    const list = queries.map(({ _: { alias, sql: statement } }) => {
      sealedChunks(statement)
      return sql`${sql.identifier(alias)} as (${statement})${new CteDeclared(alias, statement)}`
    })
    return sql`with ${sql.join(list, sql`, `)} `
  }

  override buildSelection (fields: SelectedFieldsOrdered): SQL {
    return sql.join(fields.map(({ field }) => {
      // First, since asking a column what else it might be takes the longest.
      if (is(field, Column)) return field
      if (is(field, SQL.Aliased)) {
        const name = sql.identifier(field.fieldAlias)
        return (field as unknown as { isSelectionField: boolean }).isSelectionField ? name : sql`${new Fragment(field.sql, 'field')} as ${name}`
      }
      if (is(field, SQL)) return new Fragment(field, 'field')
      if (is(field, Subquery)) decodeLikeItsField(field)
      return field
    }), sql`, `)
  }

  override buildSelectQuery (config: SelectConfig): SQL {
    const { limit, offset, distinct, lockingClause } = config
    const locks = lockingClause !== undefined
    const select = this.seal(super.buildSelectQuery({
      withList: config.withList,
      fields: config.fields,
      fieldsFlat: config.fieldsFlat,
      table: config.table,
      joins: config.joins,
      where: condition(config.where),
      having: condition(config.having),
      groupBy: config.groupBy?.map(listItem),
      orderBy: config.orderBy?.map(listItem),
      limit: amount(limit),
      offset: amount(offset),
      distinct: typeof distinct === 'object' ? { on: distinct.on.map(listItem) } : distinct,
      lockingClause: locks ? lock(lockingClause) : undefined,
      setOperators: []
    }), locks)
    if (config.setOperators.length === 0) return select
    // Sealed by itself: what its `with` declares ends with its parentheses, before the other side begins.
    return this.seal(this.buildSetOperations(select, config.setOperators.map((operator) => this.#setOperator(operator))), locks)
  }

  #setOperator ({ type, isAll, rightSelect, limit, offset, orderBy }: SetOperator): SetOperator {
    if (!setOperatorTypes.has(type)) throw new errors.Unsupported(`"${type}" is no set operator`)
    const statement = rightSelect.getSQL()
    sealedChunks(statement)
    return {
      type,
      isAll: isAll === true,
      rightSelect: { getSQL: () => statement } as SetOperator['rightSelect'],
      limit: amount(limit),
      offset: amount(offset),
      // Drizzle names the columns of these in place and past the casing; a copy keeps the caller's.
      orderBy: orderBy?.map((item) => new Fragment(outputNames(is(item, SQL) ? item : new SQL([item]), this), 'list')) as unknown as SetOperator['orderBy']
    }
  }

  override buildInsertQuery (config: InsertConfig): SQL {
    return this.seal(buildInsert(this, config, this.#owned(config.table)), true)
  }

  override buildUpdateSet (table: PgTable, set: Record<string, unknown>): SQL {
    return buildSet(this, table, set, this.#owned(table))
  }

  override buildUpdateQuery (config: UpdateConfig): SQL {
    const { table, set, where, returning, withList, from, joins } = config
    return this.seal(super.buildUpdateQuery({
      table, set, returning, withList, from, joins, where: this.mine(table, where)
    }), true)
  }

  override buildDeleteQuery ({ table, where, returning, withList }: DeleteConfig): SQL {
    return this.seal(super.buildDeleteQuery({
      table: this.target(table) as unknown as PgTable, returning, withList, where: this.mine(table, where)
    }), true)
  }

  override buildRefreshMaterializedViewQuery (): SQL {
    throw new errors.Unsupported('request.db does not refresh materialised views: they hold every user\'s rows. Refresh them with your own database handle')
  }

  /** The owner's condition on the target of a write, and the caller's in parentheses of its own. */
  mine (table: PgTable, where: unknown): SQL {
    const { alias } = tableFacts(table)
    const owner = new OwnerIsMe(alias, this.#owned(table).column)
    return where === undefined ? sql`(${owner})` : sql`${new OwnCondition(owner, new Fragment(where))}`
  }

  /** The table a write goes to. */
  target (table: PgTable): Target {
    const { schema, name, isAlias } = tableFacts(table)
    if (isAlias) throw new errors.Unsupported(`An alias of "${name}" cannot be written to: write to the table itself`)
    return new Target(schema, name)
  }

  #ownerOf (source: PgTable | PgViewBase): PgColumn | null {
    const ownership = this.tables.ownershipOf(source)
    return ownership.kind === 'owned' ? ownership.column : null
  }

  #owned (table: PgTable): Ownership & { kind: 'owned' } {
    const ownership = this.tables.ownershipOf(table)
    if (ownership.kind === 'shared') throw new errors.SharedTableWrite(`"${tableFacts(table).name}" is a shared table, which requests may read and not write`)
    this.target(table)
    return ownership
  }
}

// All of it becomes part of the statement's own text, so only known words and tables of the query pass.
function lock ({ strength, config: { of, noWait, skipLocked } }: LockingClause): LockingClause {
  if (!lockStrengths.has(strength)) throw new errors.Unsupported(`"${strength}" is no lock strength: use ${[...lockStrengths].join(', ')}`)
  if (of !== undefined && ![of].flat().every((table) => is(table, PgTable))) throw new errors.Unsupported('"of" of a lock takes tables of the query')
  return { strength, config: { of, noWait, skipLocked } as LockingClause['config'] }
}

function condition (where: SQL | undefined): SQL | undefined {
  return where === undefined ? undefined : sql`${new Fragment(where)}`
}

function listItem<T extends SQLWrapper> (item: T): T {
  return (is(item, Column) ? item : new Fragment(item, 'list')) as unknown as T
}

function amount (value: number | Placeholder | undefined): number | Placeholder | undefined {
  return isWrapper(value) && !is(value, Placeholder) ? new Fragment(value) as unknown as Placeholder : value
}

// In the order of a set operation only output names are known, not the tables.
function outputNames (item: SQL, dialect: DialectInternals): SQL {
  return new SQL(item.queryChunks.map((chunk) => is(chunk, PgColumn) ? sql.identifier(dialect.casing.getColumnCasing(chunk)) : chunk))
}
