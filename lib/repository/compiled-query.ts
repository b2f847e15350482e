import type { Preparation, PreparedQuery } from '../drizzle/contract.js'
import { createRowMapper } from '../drizzle/row-mapper.js'
import { OwnerParameter } from '../scope/parameters.js'
import type { BuiltQuery } from '../scope/render.js'
import type { ScopedSession } from '../scope/session.js'

/** What a compiled query asks of the session it runs in. */
export type RunningSession = Pick<ScopedSession, 'isShared' | 'prepare' | 'sessionFor'> & {
  readonly names: Pick<ScopedSession['names'], 'nameNow'>
  readonly dialect: Pick<ScopedSession['dialect'], 'userId'>
}

/** A statement compiled once, for any user, and run with values for its parameters. */
export class CompiledQuery {
  readonly #preparation: Preparation
  readonly #prepared = new WeakMap<object, PreparedQuery>()

  constructor (preparation: Preparation) {
    this.#preparation = { ...preparation, mapper: preparation.mapper ?? createRowMapper(preparation.fields) }
  }

  /** @param values for its parameters, except the owner's, which is the session's user */
  run (session: RunningSession, values: Record<string, unknown>): Promise<Array<Record<string, unknown>>> {
    values[OwnerParameter.key] = session.dialect.userId
    return this.#preparedFor(session).execute(values) as Promise<Array<Record<string, unknown>>>
  }

  #preparedFor (session: RunningSession): PreparedQuery {
    const { query } = this.#preparation
    if (!session.isShared) return this.#prepareIn(session)
    const target = session.sessionFor(query as BuiltQuery)
    let prepared = this.#prepared.get(target)
    if (prepared === undefined) this.#prepared.set(target, prepared = this.#prepareIn(session))
    return prepared
  }

  #prepareIn (session: RunningSession): PreparedQuery {
    const name = session.names.nameNow(this.#preparation.query.sql)
    return session.prepare({ ...this.#preparation, isCompiled: true, name })
  }
}
