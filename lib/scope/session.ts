import { errors } from '../errors.js'
import type { Connection, Driver, UserStatement } from '../drivers/driver.js'
import { driverOf } from '../drivers/driver-of.js'
import { setUser } from '../drivers/default.js'
import type { CacheConfig, DrizzleDatabase, DrizzleSession, Preparation, PreparedQuery } from '../drizzle/contract.js'
import { sessionForReads } from '../drizzle/database.js'
import { createRowMapper } from '../drizzle/row-mapper.js'
import { OpenSession } from '../drizzle/session.js'
import type { ScopedDialect } from './dialect.js'
import { mayRefuse, readRefusal } from './refusals.js'
import type { BuiltQuery } from './render.js'
import { settingUser, type RowLevelSecurity } from './row-level-security.js'
import type { StatementNames } from './statement-names.js'

/** Whether a transaction's handle may still be used; a savepoint ends with the transaction around it too. */
export interface TransactionState {
  ended: boolean
  readonly around: TransactionState | undefined
  /** The only way to its connection. */
  readonly connection: Connection
}

/** A statement of the scope, before it is prepared. */
export type ScopedPreparation = Preparation & { query: BuiltQuery }

/** Where a user's statements run: on a pool, its replicas, or inside one transaction. */
export class ScopedSession extends OpenSession {
  constructor (
    readonly database: DrizzleDatabase,
    readonly driver: Driver,
    readonly dialect: ScopedDialect,
    readonly names: StatementNames,
    readonly rowLevelSecurity: RowLevelSecurity | undefined,
    readonly transaction?: TransactionState
  ) {
    super()
  }

  /** Prepares what a builder of the scope, or the repository, has built. */
  prepare (asked: Preparation): PreparedQuery {
    this.assertOpen()
    const query = asked.query as BuiltQuery
    const statement: ScopedPreparation = {
      query,
      fields: asked.fields,
      name: asked.name ?? this.#nameOf(query),
      inArrays: asked.inArrays,
      mapper: asked.mapper ?? createRowMapper(asked.fields),
      metadata: asked.metadata,
      cache: this.#ownCache(asked.cache)
    }
    const prepared = this.#send(this.sessionFor(query), statement)
    if (this.transaction !== undefined || mayRefuse(query.sql)) this.#watch(prepared, query.sql)
    return prepared
  }

  #send (session: DrizzleSession, statement: ScopedPreparation): PreparedQuery {
    if (this.transaction !== undefined) return this.transaction.connection.prepare(session, statement)
    const driver = session === this.database.session ? this.driver : driverOf(session)
    return this.rowLevelSecurity === undefined
      ? driver.prepare(session, statement)
      : driver.prepareAsUser(session, statement, this.#userStatement(this.rowLevelSecurity))
  }

  #userStatement (rowLevelSecurity: RowLevelSecurity): UserStatement {
    const statement = settingUser(rowLevelSecurity, this.dialect.userId as string)
    return { ...statement, name: this.names.nameNow(statement.sql) }
  }

  /** Whether what is prepared here is good for other users and requests too. */
  get isShared (): boolean {
    return this.transaction === undefined && this.rowLevelSecurity === undefined
  }

  /** Runs a callback in a transaction, or in a savepoint of one, that PostgreSQL's policies know the user of. */
  async inTransaction<T> (
    callback: (session: ScopedSession, rollback: () => never) => Promise<T>, config?: object
  ): Promise<T> {
    this.assertOpen()
    const around = this.transaction
    if (around === undefined && this.driver.isSingleConnection) {
      throw new errors.Unsupported(
        'A transaction needs a pool, and the database is one connection of pg, where other requests would come into ' +
        'it: make it with new pg.Pool()'
      )
    }
    let state: TransactionState | undefined
    const transaction = (around?.connection ?? this.driver).transaction(this.database, async (tx, connection) => {
      state = { ended: false, around, connection }
      if (this.rowLevelSecurity !== undefined && around === undefined) {
        await setUser(tx.session, this.#userStatement(this.rowLevelSecurity))
      }
      try {
        return await callback(
          new ScopedSession(
            tx, this.driver, this.dialect, this.names, this.rowLevelSecurity, state
          ), () => tx.rollback()
        )
      } finally {
        state.ended = true
      }
    }, config)
    transaction.catch(() => { if (state !== undefined) state.ended = true })
    return await transaction
  }

  /** @throws errors.TransactionEnded after the transaction's callback has come to its end */
  assertOpen (): void {
    for (let state = this.transaction; state !== undefined; state = state.around) {
      if (state.ended) throw new errors.TransactionEnded()
    }
  }

  // Reads go to a replica, as withReplicas chooses it; whatever writes or locks goes to the primary.
  sessionFor (query: BuiltQuery): DrizzleSession {
    return this.transaction !== undefined || query.writes ? this.database.session : sessionForReads(this.database)
  }

  // `postgres` sends a prepared statement again whose plan has gone stale, behind the commit of a short transaction. It
  // is rolled back there, but raw SQL has no condition of the scope, and would run once as nobody, or as the role that
  // connects.
  #nameOf ({ sql, isRaw }: BuiltQuery): string | undefined {
    return isRaw === true ? undefined : this.names.nameOf(sql)
  }

  // A tag is the whole key of a cached answer, so it has to name the user.
  #ownCache (cache: CacheConfig | undefined): CacheConfig | undefined {
    return cache?.tag === undefined ? cache : { ...cache, tag: JSON.stringify([cache.tag, this.dialect.userId]) }
  }

  #watch (prepared: PreparedQuery, text: string): void {
    const execute = prepared.execute.bind(prepared)
    prepared.execute = async (...values) => {
      this.assertOpen()
      try {
        return await execute(...values)
      } catch (error) {
        throw readRefusal(error, text)
      }
    }
  }
}
