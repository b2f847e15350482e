import { Column, is, Param, Placeholder, SQL, sql, Subquery } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import type { DrizzleDialect, RelationalQuery } from '../drizzle/contract.js'
import {
  OpenDialect, type SelectConfig, type SelectedField, type SelectJoin, type SetOperator
} from '../drizzle/dialect.js'
import { aliasOf, decodeLikeItsField, isSelectionField, subqueryParts } from '../drizzle/pieces.js'
import { joinedRelations } from '../drizzle/relations.js'
import { isView, tableFacts, viewFacts } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import { BuiltStatement, builtStatementOf, CteDeclaration, Fragment, ScopedTable } from './chunks.js'
import {
  amount, condition, groupedBy, joinType, listItem, lock, outputNames, refuseComment, setOperatorType
} from './clauses.js'
import type { Allowed } from './fragments.js'
import type { OwnedTables } from './owned-tables.js'
import type { Owner } from './owners.js'
import type { OwnerValues } from './parameters.js'

/** The part of a scoped dialect that builds what reads: every clause of a select, sub-queries and relations. */
export abstract class ReadingDialect extends OpenDialect {
  constructor (
    /** Whom the statements are for. */
    readonly caller: OwnerValues,
    readonly tables: OwnedTables,
    from: DrizzleDialect,
    /** What a caller's fragment may hold beyond an expression. */
    readonly allowed: Allowed = 'nothing',
    /** What becomes of a value before the driver has it. */
    readonly toDriver: (value: unknown) => unknown = (value) => value
  ) {
    super(from)
  }

  /**
   * What an owner column must hold, and what is written to it.
   * @throws errors.OrganizationRequired for an organization's column, without an active organization
   */
  ownerValue ({ column, of }: Owner): Param {
    const value = this.caller[of]
    if (typeof value !== 'string' && !is(value, Placeholder)) throw new errors.OrganizationRequired()
    return new Param(value, column)
  }

  /** A finished statement of this user's, opaque to everyone else. */
  statement (sql: SQL, writes: boolean, relations?: ReadonlySet<string>): SQL {
    return new SQL([new BuiltStatement(this, sql, writes, relations)])
  }

  override buildFromTable (source: unknown): unknown {
    if (is(source, PgTable)) {
      const { schema, name, alias } = tableFacts(source)
      return new ScopedTable(schema, name, alias, this.#ownersOf(source))
    }
    if (isView(source)) {
      const { schema, name, alias } = viewFacts(source)
      return new ScopedTable(schema, name, alias, this.#ownersOf(source), true)
    }
    // What it is made of is checked where it is rendered.
    if (is(source, Subquery)) return source
    throw new errors.UnsafeFragment(
      'Raw SQL cannot be selected from or joined: use a table, or a sub-query of request.db'
    )
  }

  override buildJoins (joins: SelectJoin[] | undefined): SQL | undefined {
    if (joins === undefined || joins.length === 0) return undefined
    return sql.join(joins.map(({ table, joinType: type, lateral, on }) => {
      const words = sql.raw(` ${joinType(type)} join ${lateral === true ? 'lateral ' : ''}`)
      const place = type === 'full' ? 'full join' : 'expression'
      return sql`${words}${this.buildFromTable(table)}${on && sql` on ${new Fragment(on, place)}`}`
    }))
  }

  override buildWithCTE (queries: Subquery[] | undefined): SQL | undefined {
    if (queries === undefined || queries.length === 0) return undefined
    const list = queries.map((query) => {
      const { alias, sql: statement } = subqueryParts(query)
      builtStatementOf(statement)
      return sql`${sql.identifier(alias)} as (${statement})${new CteDeclaration(alias, statement)}`
    })
    return sql`with ${sql.join(list, sql`, `)} `
  }

  override buildSelection (
    fields: SelectedField[], { ignoreCastCodecs = false }: { ignoreCastCodecs?: boolean } = {}
  ): SQL {
    return sql.join(fields.map((selected) => {
      const { field } = selected
      // What the caller wrote stays a fragment inside of the cast.
      const read = (value: unknown): unknown => ignoreCastCodecs ? value : this.readField(selected, value)
      // First, since asking a column what else it might be takes the longest.
      if (is(field, Column)) {
        const aliased = aliasOf(field)
        return aliased === undefined ? read(field) : sql`${read(aliased.column)} as ${sql.identifier(aliased.alias)}`
      }
      if (is(field, SQL.Aliased)) {
        return isSelectionField(field)
          ? read(field)
          : sql`${read(new Fragment(field.sql, 'field'))} as ${sql.identifier(field.fieldAlias)}`
      }
      if (is(field, SQL)) return read(new Fragment(field, 'field'))
      return is(field, Subquery) ? this.#selectedSubquery(field, read) : field
    }) as SQL[], sql`, `)
  }

  #selectedSubquery (subquery: Subquery, read: (value: unknown) => unknown): unknown {
    decodeLikeItsField(subquery)
    const { alias, sql: statement, isWith } = subqueryParts(subquery)
    if (isWith) return read(subquery)
    builtStatementOf(statement)
    return sql`${read(sql`(${statement})`)} ${sql.identifier(alias)}`
  }

  override buildSelectQuery (config: SelectConfig): SQL {
    refuseComment(config)
    const { limit, offset, distinct, lockingClause } = config
    const locks = lockingClause !== undefined
    const isCombined = config.setOperators.length > 0
    const isRead = config.useSelectionCastCodecs === true
    const select = this.statement(super.buildSelectQuery({
      withList: config.withList,
      fields: config.fields,
      fieldsFlat: config.fieldsFlat,
      table: config.table,
      joins: config.joins,
      where: condition(config.where),
      having: condition(config.having),
      groupBy: config.groupBy && groupedBy(config.groupBy, config, this) as SelectConfig['groupBy'],
      orderBy: config.orderBy?.map(listItem),
      limit: amount('limit', limit),
      offset: amount('offset', offset),
      distinct: typeof distinct === 'object' ? { on: distinct.on.map(listItem) } : distinct,
      lockingClause: locks ? lock(lockingClause) : undefined,
      useSelectionCastCodecs: isRead && !isCombined,
      setOperators: []
    }), locks, joinedRelations(config.joins))
    if (!isCombined) return select
    // A statement by itself: what its `with` declares ends with its parentheses, before the other side begins.
    const combined = this.statement(
      this.combine(select, config.setOperators.map((operator) => this.#setOperator(operator))), locks
    )
    return isRead ? this.#readCombined(combined, config.setFieldsFlat ?? [], locks) : combined
  }

  // Around both sides, since a cast inside of them would change what they compare.
  #readCombined (combined: SQL, fields: SelectedField[], locks: boolean): SQL {
    if (!fields.some((field) => this.isReadByCast(field))) return combined
    const names = fields.map((_field, index) => sql.identifier(`c${index}`))
    const items = fields.map((field, index) => this.readField(field, sql`"combined".${names[index]}`))
    const list = sql.join(items as SQL[], sql`, `)
    return this.statement(sql`select ${list} from (${combined}) "combined" (${sql.join(names, sql`, `)})`, locks)
  }

  /**
   * A relational query of Drizzle 1.x; 0.45 builds one as selects. As a statement in a statement, since what is
   * selected or sorted by inside of a relation is computed where the planner may move it.
   */
  buildRelationalQuery (config: object): RelationalQuery {
    const { sql, selection } = this.relationalQuery(config, {
      scopedTable: (table, alias) => this.#scopedTable(table, alias),
      fragment: (piece, place) => new Fragment(piece, place)
    })
    return { sql: this.statement(this.statement(sql, false), false), selection }
  }

  #scopedTable (source: unknown, alias: string): ScopedTable {
    if (is(source, PgTable)) {
      const { schema, name } = tableFacts(source)
      return new ScopedTable(schema, name, alias, this.#ownersOf(source))
    }
    if (!isView(source)) throw new errors.Unsupported('A relation of request.db reads tables and views')
    const { schema, name } = viewFacts(source)
    return new ScopedTable(schema, name, alias, this.#ownersOf(source), true)
  }

  #setOperator ({ type, isAll, rightSelect, limit, offset, orderBy }: SetOperator): SetOperator {
    const statement = rightSelect.getSQL()
    builtStatementOf(statement)
    return {
      type: setOperatorType(type),
      isAll: isAll === true,
      rightSelect: { getSQL: () => statement } as SetOperator['rightSelect'],
      limit: amount('limit', limit),
      offset: amount('offset', offset),
      // Drizzle names the columns of these in place and past the casing; a copy keeps the caller's.
      orderBy: orderBy?.map(
        (item) => new Fragment(outputNames(is(item, SQL) ? item : new SQL([item]), this), 'list')
      ) as never
    }
  }

  #ownersOf (source: Parameters<OwnedTables['ownershipOf']>[0]): readonly Owner[] {
    const ownership = this.tables.ownershipOf(source)
    return ownership.kind === 'owned' ? ownership.owners : []
  }
}
