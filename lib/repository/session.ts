import { errors } from '../errors.js'
import { checkNumberOfValues } from './encoded-values.js'
import type { BuiltArguments, BuiltQuery, CacheConfig, DatabaseInternals, PrepareArguments, PreparedQuery, SessionInternals } from './drizzle-internals.js'
import { mayRefuse, readRefusal } from './refusals.js'
import { isSingleConnection } from './node-postgres/driver.js'
import { isPostgresJs } from './postgres-js/driver.js'
import { commit } from './postgres-js/commit.js'
import { withholdWhenLost } from './postgres-js/lost-transaction.js'
import { poolOf } from './postgres-js/pool.js'
import { sentAlone, sentInTime } from './postgres-js/statement-clients.js'
import { createRowMapper } from './row-mapper.js'
import type { RowLevelSecurity } from './row-level-security.js'
import type { Statements } from './statements.js'
import { setUser, ShortTransaction } from './short-transaction.js'

/** Whether a transaction's handle may still be used; a savepoint ends with the transaction around it too. */
export interface TransactionState {
  ended: boolean
  readonly around: TransactionState | undefined
  /** The connection is gone, and the callback may still be running. */
  readonly lost: boolean
}

/** Where a user's statements run: on a pool, its replicas, or inside one transaction. */
export class ScopedSession {
  constructor (
    readonly database: DatabaseInternals,
    readonly userId: string,
    readonly statements: Statements,
    readonly rowLevelSecurity: RowLevelSecurity | undefined,
    readonly transaction?: TransactionState
  ) {}

  prepareQuery (...[query, fields, name, inArrayMode, mapper, metadata, cache]: PrepareArguments): PreparedQuery {
    this.assertOpen()
    const built = query as BuiltQuery
    checkNumberOfValues(built.params)
    const session = this.sessionFor(built)
    const prepareArguments: BuiltArguments = [built, fields, name ?? this.#nameOf(built), inArrayMode, mapper ?? createRowMapper(fields), metadata, this.#ownCache(cache)]
    const prepared = this.#prepare(session, prepareArguments)
    if (this.transaction !== undefined || mayRefuse(built.sql)) this.#watch(prepared, built.sql)
    return prepared
  }

  #prepare (session: SessionInternals, prepareArguments: BuiltArguments): PreparedQuery {
    if (this.transaction !== undefined) return sentAlone(session.prepareQuery(...prepareArguments), session)
    if (this.rowLevelSecurity !== undefined) return new ShortTransaction(session, this.rowLevelSecurity, this.userId, this.statements, prepareArguments)
    return sentInTime(session.prepareQuery(...prepareArguments), session)
  }

  /** Whether what is prepared here is good for other users and requests too. */
  get isShared (): boolean {
    return this.transaction === undefined && this.rowLevelSecurity === undefined
  }

  /** Runs a callback in a transaction, or in a savepoint of one, that PostgreSQL's policies know the user of. */
  async inTransaction<T> (callback: (session: ScopedSession, rollback: () => never) => Promise<T>, config?: object): Promise<T> {
    this.assertOpen()
    const around = this.transaction
    let rejected = false
    const state = {
      ended: false,
      around,
      get lost (): boolean { return around?.lost ?? rejected }
    }
    if (around === undefined && isSingleConnection(this.database.$client)) {
      throw new errors.Unsupported('A transaction needs a pool, and the database is one connection of pg, where other requests would come into it: make it with new pg.Pool()')
    }
    const wait = around === undefined ? poolOf(this.database.session)?.transactionWait() : undefined
    const transaction = this.database.transaction(async (tx) => {
      const run = async (): Promise<T> => {
        wait?.over()
        if (this.rowLevelSecurity !== undefined && around === undefined) await setUser(tx.session, this.rowLevelSecurity, this.userId, this.statements)
        try {
          const result = await callback(new ScopedSession(tx, this.userId, this.statements, this.rowLevelSecurity, state), () => tx.rollback())
          if (around === undefined) await commit(tx.session)
          return result
        } finally {
          state.ended = true
        }
      }
      return isPostgresJs(this.database.session) ? await withholdWhenLost(state, run) : await run()
    }, config)
    transaction.catch(() => { rejected = state.ended = true })
    return await (wait === undefined ? transaction : wait.orLate(transaction))
  }

  /** @throws errors.TransactionEnded after the transaction's callback has come to its end */
  assertOpen (): void {
    for (let state = this.transaction; state !== undefined; state = state.around) {
      if (state.ended) throw new errors.TransactionEnded()
    }
  }

  // Reads go to a replica, as withReplicas chooses it; whatever writes or locks goes to the primary.
  sessionFor (query: BuiltQuery): SessionInternals {
    if (this.transaction !== undefined || query.writes || this.database.$replicas === undefined) return this.database.session
    return this.database.select().session
  }

  // `postgres` sends a prepared statement again whose plan has gone stale, behind the commit of a short transaction. It is rolled back there,
  // but raw SQL has no condition of the scope, and would run once as nobody, or as the role that connects.
  #nameOf ({ sql, isRaw }: BuiltQuery): string | undefined {
    return isRaw === true ? undefined : this.statements.nameOf(sql)
  }

  // A tag is the whole key of a cached answer, so it has to name the user.
  #ownCache (cache: CacheConfig | undefined): CacheConfig | undefined {
    return cache?.tag === undefined ? cache : { ...cache, tag: JSON.stringify([cache.tag, this.userId]) }
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
