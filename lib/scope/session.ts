import { errors } from '../errors.js'
import type { Connection, Driver, UserStatement } from '../drivers/driver.js'
import { driverOf } from '../drivers/driver-of.js'
import { setUser } from '../drivers/default.js'
import type { DrizzleDatabase, DrizzleSession, Preparation, PreparedQuery } from '../drizzle/contract.js'
import { sessionForReads } from '../drizzle/database.js'
import { createRowMapper } from '../drizzle/row-mapper.js'
import { OpenSession, readLike } from '../drizzle/session.js'
import { rootCause } from '../internal/root-cause.js'
import type { ScopedDialect } from './dialect.js'
import type { CallerValues } from './parameters.js'
import { mayRefuse, readRefusal } from './refusals.js'
import type { BuiltQuery } from './render.js'
import { settingCaller, type RowLevelSecurity } from './row-level-security.js'
import { hold, type StatementHolder } from './statement-holder.js'
import type { StatementNames } from './statement-names.js'

/** Whether a transaction's handle may still be used; a savepoint ends with the transaction around it too. */
export interface TransactionState {
  ended: boolean
  readonly around: TransactionState | undefined
  /** The only way to its connection. */
  readonly connection: Connection
  /** What runs in it, awaited or not. */
  readonly pending: Set<Promise<unknown>>
  /** The first of its statements that failed, so that it cannot be committed. */
  failure?: { error: unknown }
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
    readonly transaction?: TransactionState,
    readonly holder?: StatementHolder
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
      // In a transaction of the caller's a statement cannot be made again: none is kept prepared there that the server
      // could have forgotten.
      name: this.transaction === undefined ? asked.name ?? this.#nameOf(query) : undefined,
      inArrays: asked.inArrays,
      mapper: asked.mapper ?? createRowMapper(asked.fields),
      metadata: asked.metadata,
      cache: asked.cache,
      cacheOwner: asked.isCompiled === true ? undefined : this.#cacheOwner
    }
    const session = this.sessionFor(query)
    const prepared = this.#send(session, statement)
    if (statement.name !== undefined) this.#heal(prepared, session, statement)
    if (this.transaction !== undefined || mayRefuse(query.sql)) this.#watch(prepared, query.sql)
    if (asked.isKept === true && this.holder !== undefined) hold(prepared, this.holder)
    return prepared
  }

  #send (session: DrizzleSession, statement: ScopedPreparation): PreparedQuery {
    if (this.transaction !== undefined) return this.transaction.connection.prepare(session, statement)
    const driver = session === this.database.session ? this.driver : driverOf(session)
    return this.rowLevelSecurity === undefined
      ? driver.prepare(session, statement)
      : driver.prepareAsUser(
        session, statement, this.#userStatement(this.rowLevelSecurity, statement.name !== undefined)
      )
  }

  #userStatement (rowLevelSecurity: RowLevelSecurity, isNamed = false): UserStatement {
    const statement = settingCaller(rowLevelSecurity, this.caller)
    return { ...statement, name: isNamed ? this.names.nameNow(statement.sql) : undefined }
  }

  /** Whose statements run here. */
  get caller (): CallerValues {
    return this.dialect.caller as CallerValues
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
      const inside: TransactionState = state = { ended: false, around, connection, pending: new Set() }
      if (this.rowLevelSecurity !== undefined && around === undefined) {
        await setUser(tx.session, this.#userStatement(this.rowLevelSecurity))
      }
      try {
        const result = await callback(
          new ScopedSession(tx, this.driver, this.dialect, this.names, this.rowLevelSecurity, inside, this.holder),
          () => tx.rollback()
        )
        inside.ended = true
        await Promise.allSettled(inside.pending)
        if (inside.failure !== undefined) throw inside.failure.error
        return result
      } finally {
        inside.ended = true
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

  // Views and raw sub-selects read what the policies show the user.
  get #cacheOwner (): string {
    return JSON.stringify([this.caller.user, this.caller.organization, this.rowLevelSecurity])
  }

  // A statement that the server does not know, or whose plan is stale, was not run, and a short transaction with it
  // was undone: it is sent
  // again without a name, and prepared anew the next time.
  #heal (prepared: PreparedQuery, session: DrizzleSession, statement: ScopedPreparation): void {
    const send = (name: string | undefined): PreparedQuery =>
      readLike(prepared, this.#send(session, { ...statement, name }))
    let execute = prepared.execute.bind(prepared)
    prepared.execute = async (...values) => {
      try {
        return await execute(...values)
      } catch (error) {
        if (!isForgotten(error)) throw error
        const { sql } = statement.query
        this.names.renew(sql, String(rootCause(error).code))
        if (this.rowLevelSecurity !== undefined) this.names.renew(settingCaller(this.rowLevelSecurity, this.caller).sql)
        const answer = await send(undefined).execute(...values)
        const next = send(this.names.nameNow(sql))
        execute = next.execute.bind(next)
        return answer
      }
    }
  }

  #watch (prepared: PreparedQuery, text: string): void {
    const execute = prepared.execute.bind(prepared)
    const state = this.transaction
    const run = async (...values: Parameters<typeof execute>): Promise<unknown> => {
      try {
        return await execute(...values)
      } catch (error) {
        const meant = readRefusal(error, text)
        // PostgreSQL does nothing more in a transaction that has failed, and undoes it at its end.
        if (state !== undefined && isState(rootCause(error).code)) state.failure ??= { error: meant }
        throw meant
      }
    }
    prepared.execute = async (...values) => {
      this.assertOpen()
      const answer = run(...values)
      if (state === undefined) return await answer
      state.pending.add(answer)
      try {
        return await answer
      } finally {
        state.pending.delete(answer)
      }
    }
  }
}

// 42P05 and 08P01 are those of poolers, behind which the server that has a statement is not the one that is asked for
// it.
function isForgotten (error: unknown): boolean {
  const { code, routine } = rootCause(error)
  if (code === '0A000') return routine === 'RevalidateCachedQuery'
  return code === '26000' || code === '42P05' || code === '08P01'
}

function isState (code: unknown): boolean {
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)
}
