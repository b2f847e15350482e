import { sql, type SQL } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import type { DeleteConfig, InsertConfig, UpdateConfig } from '../drizzle/dialect.js'
import { tableFacts } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import { builtStatementOf, Fragment, OwnerPredicate, ScopedCondition, TargetTable } from './chunks.js'
import { refuseComment } from './clauses.js'
import { buildInsert } from './insert-statement.js'
import type { OwnedTable } from './owners.js'
import { ReadingDialect } from './reading-dialect.js'
import { render, type BuiltQuery } from './render.js'
import { buildSet } from './written-values.js'

/**
 * Drizzle's PostgreSQL dialect for one caller. Every builder becomes SQL here, so every owned table is rendered as the
 * rows of its owners, whichever builder, join, alias, sub-query or relation names it; the caller's pieces go through as
 * fragments that are judged when they are rendered.
 */
export class ScopedDialect extends ReadingDialect {
  override sqlToQuery (statement: SQL): BuiltQuery {
    builtStatementOf(statement)
    return render(this, statement)
  }

  override buildInsertQuery (config: InsertConfig): SQL {
    refuseComment(config)
    return this.statement(buildInsert(this, config, this.#owned(config.table)), true)
  }

  override buildUpdateSet (table: PgTable, set: Record<string, unknown>): SQL {
    return buildSet(this, table, set, this.#owned(table))
  }

  override buildUpdateQuery (
    { table, set, where, returning, withList, from, joins, useSelectionCastCodecs = false, comment }: UpdateConfig
  ): SQL {
    refuseComment({ comment })
    return this.statement(super.buildUpdateQuery({
      table, set, returning, withList, from, joins, useSelectionCastCodecs, where: this.ownedCondition(table, where)
    }), true)
  }

  override buildDeleteQuery (
    { table, where, returning, withList, useSelectionCastCodecs = false, comment }: DeleteConfig
  ): SQL {
    refuseComment({ comment })
    return this.statement(super.buildDeleteQuery({
      table: this.target(table) as unknown as PgTable,
      returning,
      withList,
      useSelectionCastCodecs,
      where: this.ownedCondition(table, where)
    }), true)
  }

  override buildRefreshMaterializedViewQuery (): SQL {
    throw new errors.Unsupported(
      'request.db does not refresh materialised views: they hold every user\'s rows. Refresh them with your own ' +
      'database handle'
    )
  }

  /** The owner predicate on the target of a write, and the caller's condition in parentheses of its own. */
  ownedCondition (table: PgTable, where: unknown): SQL {
    const owner = new OwnerPredicate(tableFacts(table).alias, this.#owned(table).owners)
    return where === undefined ? sql`(${owner})` : sql`${new ScopedCondition(owner, new Fragment(where))}`
  }

  /** The table a write goes to. */
  target (table: PgTable): TargetTable {
    const { schema, name, isAlias } = tableFacts(table)
    if (isAlias) throw new errors.Unsupported(`An alias of "${name}" cannot be written to: write to the table itself`)
    return new TargetTable(schema, name)
  }

  #owned (table: PgTable): OwnedTable {
    const ownership = this.tables.ownershipOf(table)
    if (ownership.kind === 'shared') {
      throw new errors.SharedTableWrite(
        `"${tableFacts(table).name}" is a shared table, which requests may read and not write`
      )
    }
    this.target(table)
    return ownership
  }
}
