import { entityKind } from 'drizzle-orm'
import type { PgSession } from 'drizzle-orm/pg-core'
import type { DrizzleSession, Preparation, PreparedQuery } from './contract.js'
import { drizzle } from './version.js'

/** Prepares a statement in a driver's session. */
export function prepareIn (session: DrizzleSession, preparation: Preparation): PreparedQuery {
  return drizzle.prepare(session, preparation)
}

/** The session, sending its statements to another client. */
export function withClient (session: DrizzleSession, client: object): DrizzleSession {
  const other = Object.create(session) as DrizzleSession
  other.client = client
  return other
}

/** A session that Drizzle's builders can be given; what they ask for arrives by name. */
export abstract class OpenSession {
  abstract prepare (preparation: Preparation): PreparedQuery

  prepareQuery (...args: unknown[]): PreparedQuery {
    return this.prepare(drizzle.readPreparation(args))
  }

  /** The same object as the type that builders want. */
  get asPgSession (): PgSession {
    return this as unknown as PgSession
  }
}

/** A prepared statement that is prepared in a driver's session each time it is executed. */
export abstract class LateQuery implements PreparedQuery {
  /** Drizzle's select writes here how its rows are read. */
  joinsNotNullableMap?: Record<string, boolean>
  readonly #preparation: Preparation

  constructor (preparation: Preparation) {
    this.#preparation = preparation
  }

  abstract execute (values?: Record<string, unknown>): Promise<unknown>

  setToken (): this { return this }

  protected prepareIn (session: DrizzleSession): PreparedQuery {
    return Object.assign(prepareIn(session, this.#preparation), { joinsNotNullableMap: this.joinsNotNullableMap })
  }
}

class CompilingSession extends OpenSession {
  prepare (preparation: Preparation): CompiledPreparation {
    return new CompiledPreparation(preparation)
  }
}

class CompiledPreparation implements PreparedQuery {
  constructor (readonly preparation: Preparation) {}
  setToken (): this { return this }
  execute (): never { throw new Error('A compiled statement is run by a session') }
}

/** A session that runs nothing: see {@link compile}. */
export const compilingSession = new CompilingSession().asPgSession

/** What a builder over the {@link compilingSession} would prepare. */
export function compile (builder: { prepare (name: string): unknown }): Preparation {
  return (builder.prepare('compiled') as CompiledPreparation).preparation
}

const sessionsOverHttp = new Set(['NeonHttpSession', 'PgRemoteSession', 'XataHttpSession'])

/** Whether each statement of a session is a request by itself, so that there are no transactions. */
export function isOverHttp (session: object): boolean {
  return sessionsOverHttp.has((session.constructor as unknown as { [entityKind]: string })[entityKind])
}
