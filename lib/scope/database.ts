import { is, SQL, sql, Subquery, type SQLWrapper } from 'drizzle-orm'
import { PgTable } from 'drizzle-orm/pg-core'
import { relationalQueries, startSelect } from '../drizzle/builders.js'
import type { BuilderParts } from '../drizzle/contract.js'
import { ScopedCount } from '../drizzle/count.js'
import { toQuery } from '../drizzle/database.js'
import { commonTableExpression, isWrapper, selectedFieldsOf } from '../drizzle/pieces.js'
import { isView, tableFacts } from '../drizzle/tables.js'
import { errors } from '../errors.js'
import { builtStatementOf, orFault } from './chunks.js'
import { ScopedInsertBuilder } from './insert.js'
import { ScopedDelete, ScopedUpdateBuilder } from './mass-writes.js'
import { checkRawStatement } from './raw-statement.js'
import type { BuiltQuery } from './render.js'
import type { ScopedSession } from './session.js'
import { checkTransactionConfig } from './transaction-config.js'

type Fields = Record<string, unknown> | undefined
/** Makes the repository of a table, for a database of the scope and the session it is on. */
export type Repositories = (table: PgTable, db: ScopedDatabase, session: ScopedSession) => unknown

type Distinct = boolean | { on: unknown[] } | undefined

/**
 * The user's Drizzle. It has the methods listed here and no others: nothing of the real database is handed on.
 * Its types are in `scoped-types.ts`.
 */
export class ScopedDatabase {
  readonly #session: ScopedSession
  readonly #repositories: Repositories
  #query: Record<string, unknown> | undefined

  constructor (session: ScopedSession, repositories: Repositories) {
    this.#session = session
    this.#repositories = repositories
  }

  select (fields?: Fields) {
    return this.#selecting(fields)
  }

  selectDistinct (fields?: Fields) {
    return this.#selecting(fields, true)
  }

  selectDistinctOn (on: unknown[], fields?: Fields) {
    return this.#selecting(fields, { on })
  }

  update (table: PgTable) {
    return this.#updating(table)
  }

  insert (table: PgTable, ...columns: unknown[]) {
    return this.#inserting(table, undefined, columns)
  }

  delete (table: PgTable) {
    return this.#deleting(table)
  }

  with (...queries: Subquery[]) {
    return {
      select: (fields?: Fields) => this.#selecting(fields, undefined, queries),
      selectDistinct: (fields?: Fields) => this.#selecting(fields, true, queries),
      selectDistinctOn: (on: unknown[], fields?: Fields) => this.#selecting(fields, { on }, queries),
      update: (table: PgTable) => this.#updating(table, queries),
      insert: (table: PgTable, ...columns: unknown[]) => this.#inserting(table, queries, columns),
      delete: (table: PgTable) => this.#deleting(table, queries)
    }
  }

  $with (alias: string, selection?: Record<string, unknown>) {
    return {
      as: (query: unknown) => {
        const built = typeof query === 'function' ? query(this) : query
        if (!isWrapper(built) || is(built, SQL)) {
          throw new errors.UnsafeFragment('A common table expression takes a query of request.db, not raw SQL')
        }
        const statement = built.getSQL()
        builtStatementOf(statement)
        return commonTableExpression(statement, selection ?? selectedFieldsOf(built), alias)
      }
    }
  }

  $count (source: unknown, filters?: SQL) {
    const count = sql<number>`count(*)`.mapWith(Number)
    const fieldsFlat = [{ path: ['count'], field: count, fieldType: 'SQL' }]
    const statement = orFault(() => {
      const from =
        is(source, PgTable) || isView(source) || is(source, Subquery) || !isWrapper(source)
          ? source
          : new Subquery(source.getSQL(), {}, 'counted')
      return this.#session.dialect.buildSelectQuery({
        fields: { count },
        fieldsFlat,
        table: from as PgTable,
        where: filters,
        setOperators: []
      })
    })
    return new ScopedCount(statement, async () => {
      const query = this.#session.prepare({
        query: this.#session.dialect.sqlToQuery(statement),
        fields: undefined,
        name: undefined,
        inArrays: true,
        // Without a word of its tables, so that no cache keeps it: as Drizzle's own.
        mapper: (rows: unknown[][]) => rows.map(([count]) => ({ count: Number(count) }))
      })
      const [row] = (await query.execute()) as Array<{ count: number }>
      return row!.count
    })
  }

  /** Drizzle's relational queries over the schema the database was made with. */
  get query (): Record<string, unknown> {
    this.#query ??= relationalQueries(this.#session.database, this.#parts)
    return this.#query
  }

  /** Typed CRUD over one owned table, in the same transaction as this database. */
  repository (table: PgTable) {
    assertTable(table)
    const { name, isAlias } = tableFacts(table)
    if (isAlias) throw new errors.Unsupported(`A repository takes the table "${name}" itself and not an alias`)
    return this.#repositories(table, this, this.#session)
  }

  async transaction<T>(callback: (tx: ScopedTransaction) => Promise<T>, config?: object): Promise<T> {
    return await this.#session.inTransaction(
      async (session, rollback) => await callback(new ScopedTransaction(session, this.#repositories, rollback)),
      config === undefined ? undefined : checkTransactionConfig(config)
    )
  }

  /** One raw statement, only with row-level security. */
  async execute (query: SQLWrapper | string, ...mode: unknown[]): Promise<unknown> {
    if (mode.length > 0) {
      throw new errors.Unsupported('execute() takes the statement alone, and answers what the driver answers')
    }
    if (this.#session.rowLevelSecurity === undefined) {
      throw new errors.Unsupported(
        "request.db runs raw SQL only with rowLevelSecurity, where PostgreSQL itself keeps other users' rows away: use a builder, or turn it on"
      )
    }
    const built = toQuery(this.#session.database, typeof query === 'string' ? sql.raw(query) : query.getSQL())
    checkRawStatement(built.sql)
    const raw: BuiltQuery = {
      ...built,
      params: built.params.map(this.#session.dialect.toDriver),
      writes: true,
      isRepeatable: false,
      isRaw: true
    }
    return await this.#session.prepare({ query: raw, fields: undefined, name: undefined, inArrays: false }).execute()
  }

  refreshMaterializedView (): never {
    return this.#session.dialect.buildRefreshMaterializedViewQuery() as never
  }

  #selecting (fields: Fields, distinct?: Distinct, withList?: Subquery[]) {
    return startSelect(this.#parts, fields, { distinct, withList })
  }

  #updating (table: PgTable, withList?: Subquery[]) {
    assertTable(table)
    return new ScopedUpdateBuilder(table, this.#parts, withList)
  }

  #inserting (table: PgTable, withList: Subquery[] | undefined, columns: unknown[]) {
    assertTable(table)
    if (columns.length > 0) {
      throw new errors.Unsupported(
        'insert() takes the table alone: leave columns out of the rows instead of listing those that are in them'
      )
    }
    return new ScopedInsertBuilder(table, this.#parts, withList, this)
  }

  #deleting (table: PgTable, withList?: Subquery[]) {
    assertTable(table)
    return new ScopedDelete(table, this.#parts, withList)
  }

  get #parts (): BuilderParts {
    return { session: this.#session, dialect: this.#session.dialect }
  }
}

function assertTable (table: unknown): void {
  if (is(table, PgTable)) return
  throw new errors.Unsupported('Writes and repositories take a table, and this is none: read a view with select()')
}

/** {@link ScopedDatabase} inside a transaction; dead after its end. */
export class ScopedTransaction extends ScopedDatabase {
  readonly rollback: () => never

  constructor (session: ScopedSession, repositories: Repositories, rollback: () => never) {
    super(session, repositories)
    this.rollback = rollback
  }
}
