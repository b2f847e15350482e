import { is, SQL, sql, Subquery, WithSubquery, type SQLWrapper } from 'drizzle-orm'
import { SelectionProxyHandler } from 'drizzle-orm/selection-proxy'
import { PgSelectBuilder, PgTable, type PgDialect, type PgSession } from 'drizzle-orm/pg-core'
import { RelationalQueryBuilder } from 'drizzle-orm/pg-core/query-builders/query'
import { PgViewBase } from 'drizzle-orm/pg-core/view-base'
import { errors } from '../errors.js'
import { sealedChunks } from './chunks.js'
import { ScopedCount } from '../drizzle/count.js'
import type { BuiltQuery } from '../drizzle/internals.js'
import { ScopedInsertBuilder } from './insert.js'
import { ScopedDelete, ScopedUpdateBuilder } from './mass-writes.js'
import { checkRawStatement } from './raw-statement.js'
import type { ScopedSession } from './session.js'
import { isWrapper, tableFacts } from '../drizzle/tables.js'
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

  select (fields?: Fields) { return this.#selecting(fields) }
  selectDistinct (fields?: Fields) { return this.#selecting(fields, true) }
  selectDistinctOn (on: unknown[], fields?: Fields) { return this.#selecting(fields, { on }) }
  update (table: PgTable) { return this.#updating(table) }
  insert (table: PgTable) { return this.#inserting(table) }
  delete (table: PgTable) { return this.#deleting(table) }

  with (...queries: Subquery[]) {
    return {
      select: (fields?: Fields) => this.#selecting(fields, undefined, queries),
      selectDistinct: (fields?: Fields) => this.#selecting(fields, true, queries),
      selectDistinctOn: (on: unknown[], fields?: Fields) => this.#selecting(fields, { on }, queries),
      update: (table: PgTable) => this.#updating(table, queries),
      insert: (table: PgTable) => this.#inserting(table, queries),
      delete: (table: PgTable) => this.#deleting(table, queries)
    }
  }

  $with (alias: string, selection?: Record<string, unknown>) {
    return {
      as: (query: unknown) => {
        const built = typeof query === 'function' ? query(this) : query
        if (!isWrapper(built) || is(built, SQL)) throw new errors.UnsafeFragment('A common table expression takes a query of request.db, not raw SQL')
        const statement = built.getSQL()
        sealedChunks(statement)
        const fields = selection ?? ('getSelectedFields' in built ? (built as unknown as { getSelectedFields (): Record<string, unknown> | undefined }).getSelectedFields() : undefined) ?? {}
        return new Proxy(
          new WithSubquery(statement, fields, alias, true),
          new SelectionProxyHandler({ alias, sqlAliasedBehavior: 'alias', sqlBehavior: 'error' }) as ProxyHandler<WithSubquery>
        )
      }
    }
  }

  $count (source: unknown, filters?: SQL) {
    const from = is(source, PgTable) || is(source, PgViewBase) || is(source, Subquery) || !isWrapper(source)
      ? source
      : new Subquery(source.getSQL(), {}, 'counted')
    const count = sql<number>`count(*)`.mapWith(Number)
    const statement = this.#session.dialect.buildSelectQuery({ fields: { count }, table: from as PgTable, where: filters, setOperators: [] })
    return new ScopedCount(statement, async () => {
      const query = this.#session.prepare({
        query: this.#session.dialect.sqlToQuery(statement),
        fields: [{ path: ['count'], field: count }],
        name: undefined,
        inArrays: true,
        metadata: { type: 'select', tables: [] }
      })
      const [row] = await query.execute() as Array<{ count: number }>
      return row!.count
    })
  }

  /** Drizzle's relational queries over the schema the database was made with. */
  get query (): Record<string, unknown> {
    this.#query ??= Object.fromEntries(this.#relations())
    return this.#query
  }

  /** Typed CRUD over one owned table, in the same transaction as this database. */
  repository (table: PgTable) {
    assertTable(table)
    const { name, isAlias } = tableFacts(table)
    if (isAlias) throw new errors.Unsupported(`A repository takes the table "${name}" itself and not an alias`)
    return this.#repositories(table, this, this.#session)
  }

  async transaction<T> (callback: (tx: ScopedTransaction) => Promise<T>, config?: object): Promise<T> {
    return await this.#session.inTransaction(
      async (session, rollback) => await callback(new ScopedTransaction(session, this.#repositories, rollback)),
      config === undefined ? undefined : checkTransactionConfig(config)
    )
  }

  /** One raw statement, only with row-level security. */
  async execute (query: SQLWrapper | string): Promise<unknown> {
    if (this.#session.rowLevelSecurity === undefined) {
      throw new errors.Unsupported('request.db runs raw SQL only with rowLevelSecurity, where PostgreSQL itself keeps other users\' rows away: use a builder, or turn it on')
    }
    const built = this.#session.database.dialect.sqlToQuery(typeof query === 'string' ? sql.raw(query) : query.getSQL())
    checkRawStatement(built.sql)
    const raw: BuiltQuery = { ...built, params: built.params.map(this.#session.dialect.toDriver), writes: true, isRepeatable: false, isRaw: true }
    return await this.#session.prepare({ query: raw, fields: undefined, name: undefined, inArrays: false }).execute()
  }

  refreshMaterializedView (): never {
    return this.#session.dialect.buildRefreshMaterializedViewQuery() as never
  }

  #selecting (fields: Fields, distinct?: Distinct, withList?: Subquery[]) {
    return new PgSelectBuilder({ fields: fields as never, distinct: distinct as never, withList, ...this.#parts() })
  }

  #updating (table: PgTable, withList?: Subquery[]) {
    assertTable(table)
    const { session, dialect } = this.#parts()
    return new ScopedUpdateBuilder(table, session, dialect, withList)
  }

  #inserting (table: PgTable, withList?: Subquery[]) {
    assertTable(table)
    const { session, dialect } = this.#parts()
    return new ScopedInsertBuilder(table, session, dialect, withList, () => this)
  }

  #deleting (table: PgTable, withList?: Subquery[]) {
    assertTable(table)
    const { session, dialect } = this.#parts()
    return new ScopedDelete(table, session, dialect, withList)
  }

  #parts (): { session: PgSession, dialect: PgDialect } {
    return { session: this.#session.asPgSession, dialect: this.#session.dialect as unknown as PgDialect }
  }

  #relations (): Array<[string, unknown]> {
    const { schema = {}, fullSchema, tableNamesMap } = this.#session.database._
    const { session, dialect } = this.#parts()
    return Object.entries(schema).map(([name, config]) => [name, new RelationalQueryBuilder(
      fullSchema, schema as never, tableNamesMap, fullSchema[name] as PgTable, config as never, dialect, session
    )])
  }
}

function assertTable (table: unknown): void {
  if (!is(table, PgTable)) throw new errors.Unsupported('Writes and repositories take a table, and this is none: read a view with select()')
}

/** {@link ScopedDatabase} inside a transaction; dead after its end. */
export class ScopedTransaction extends ScopedDatabase {
  readonly rollback: () => never

  constructor (session: ScopedSession, repositories: Repositories, rollback: () => never) {
    super(session, repositories)
    this.rollback = rollback
  }
}
