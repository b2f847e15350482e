import { createRowMapper } from './row-mapper.js'
import type { BuiltQuery, PrepareArguments, PreparedQuery, SessionInternals } from './drizzle-internals.js'

/** What a shape asks of the session it runs in. */
export interface RunningSession {
  readonly isShared: boolean
  readonly statements: { nameNow (text: string): string | undefined }
  prepareQuery (...prepareArguments: PrepareArguments): PreparedQuery
  sessionFor (query: BuiltQuery): SessionInternals
}

/** A statement compiled once, for any user, and run with values for its placeholders. */
export class Shape {
  readonly #arguments: PrepareArguments
  readonly #prepared = new WeakMap<SessionInternals, PreparedQuery>()

  constructor (...[query, fields, name, inArrayMode, mapper, ...rest]: PrepareArguments) {
    this.#arguments = [query, fields, name, inArrayMode, mapper ?? createRowMapper(fields), ...rest]
  }

  run (session: RunningSession, values: Record<string, unknown>): Promise<Array<Record<string, unknown>>> {
    return this.#preparedFor(session).execute(values) as Promise<Array<Record<string, unknown>>>
  }

  // Drizzle's builders hand what they prepared on through these.
  setToken (): this { return this }

  #preparedFor (session: RunningSession): PreparedQuery {
    const [query, fields, , ...rest] = this.#arguments
    const name = session.statements.nameNow(query.sql)
    if (!session.isShared) return session.prepareQuery(query, fields, name, ...rest)
    const target = session.sessionFor(query as BuiltQuery)
    let prepared = this.#prepared.get(target)
    if (prepared === undefined) this.#prepared.set(target, prepared = session.prepareQuery(query, fields, name, ...rest))
    return prepared
  }
}

/** A session that compiles: what a builder would run is kept as a {@link Shape}. */
export const compilingSession = {
  prepareQuery: (...prepareArguments: PrepareArguments): Shape => new Shape(...prepareArguments)
}
