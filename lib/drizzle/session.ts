import { entityKind } from 'drizzle-orm'
import type { DrizzleSession, Preparation, PreparedQuery } from './contract.js'
import { cacheFor } from './owned-cache.js'
import { drizzle } from './version.js'

/** Prepares a statement in a driver's session. */
export function prepareIn (session: DrizzleSession, preparation: Preparation): PreparedQuery {
  const prepared = drizzle.prepare(session, preparation)
  const { cacheOwner, cache } = preparation
  if (cacheOwner !== undefined) cacheFor(prepared, cacheOwner, cache?.config as never)
  return prepared
}

/** A statement that reads its rows as another one does, which Drizzle's select says only after it was prepared. */
export function readLike (other: PreparedQuery, prepared: PreparedQuery): PreparedQuery {
  const { joinsNotNullableMap } = other as { joinsNotNullableMap?: object }
  return Object.assign(prepared, { joinsNotNullableMap })
}

/** The session, sending its statements to another client. */
export function withClient (session: DrizzleSession, client: object): DrizzleSession {
  const other = Object.create(session) as DrizzleSession
  other.client = client
  return other
}

/** A session that Drizzle's builders can be made with; what they ask for arrives by name. */
export abstract class OpenSession {
  abstract prepare (preparation: Preparation): PreparedQuery

  prepareQuery (...args: unknown[]): PreparedQuery {
    return this.prepare(drizzle.readPreparation(args))
  }
}

/** What Drizzle's builders do to a prepared statement. */
abstract class OpenQuery implements PreparedQuery {
  /** Drizzle's select writes here how its rows are read. */
  joinsNotNullableMap?: Record<string, boolean>

  setToken (): this { return this }

  abstract execute (values?: Record<string, unknown>): Promise<unknown>
}

/** A prepared statement that is prepared in a driver's session each time it is executed. */
export abstract class LateQuery extends OpenQuery {
  readonly #preparation: Preparation

  constructor (preparation: Preparation) {
    super()
    this.#preparation = preparation
  }

  protected prepareIn (session: DrizzleSession): PreparedQuery {
    return Object.assign(prepareIn(session, this.#preparation), { joinsNotNullableMap: this.joinsNotNullableMap })
  }
}

class Compiled extends OpenQuery {
  constructor (readonly preparation: Preparation) {
    super()
  }

  async execute (): Promise<never> {
    throw new Error('A builder over the compiling session is not executed')
  }
}

class CompilingSession extends OpenSession {
  prepare (preparation: Preparation): Compiled {
    return new Compiled(preparation)
  }
}

/** A session whose builders are not executed but compiled: see {@link compile}. */
export const compilingSession: OpenSession = new CompilingSession()

/** What a builder over the {@link compilingSession} would prepare. */
export function compile (builder: { prepare (name: string): unknown }): Preparation {
  return (builder.prepare('compiled') as Compiled).preparation
}

const sessionsOverHttp = new Set(['NeonHttpSession', 'PgRemoteSession', 'XataHttpSession'])

/** Whether each statement of a session is a request by itself, so that there are no transactions. */
export function isOverHttp (session: object): boolean {
  return sessionsOverHttp.has((session.constructor as unknown as { [entityKind]: string })[entityKind])
}
