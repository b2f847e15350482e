import { is, Param } from 'drizzle-orm'
import type { Preparation, PreparedQuery } from '../drizzle/contract.js'
import { errors } from '../errors.js'
import { createRowMapper } from '../drizzle/row-mapper.js'
import type { OwnerKind } from '../scope/owners.js'
import { OwnerParameter } from '../scope/parameters.js'
import type { BuiltQuery } from '../scope/render.js'
import type { ScopedSession } from '../scope/session.js'

/** What a compiled query asks of the session it runs in. */
export type RunningSession = Pick<ScopedSession, 'isShared' | 'prepare' | 'sessionFor'> & {
  readonly names: Pick<ScopedSession['names'], 'nameNow'>
  readonly caller: ScopedSession['caller']
}

/** A statement compiled once, for any user, and run with values for its parameters. */
export class CompiledQuery {
  readonly #preparation: Preparation
  /** Whose values are among its parameters; of a write also those of the tables that it refers to. */
  readonly #owners: ReadonlySet<OwnerKind>
  readonly #prepared = new WeakMap<object, PreparedQuery>()

  constructor (preparation: Preparation) {
    const values = preparation.query.params.map((param) => is(param, Param) ? param.value : param)
    this.#owners = new Set(values.filter((value) => value instanceof OwnerParameter).map(({ of }) => of))
    this.#preparation = { ...preparation, mapper: preparation.mapper ?? createRowMapper(preparation.fields) }
  }

  /** Whether the caller of a session has all that it asks for: without an active organization not every one has. */
  isFor ({ caller }: Pick<RunningSession, 'caller'>): boolean {
    for (const of of this.#owners) if (caller[of] === null) return false
    return true
  }

  /**
   * @param values for its parameters, except the owners', which are the session's caller
   * @throws errors.OrganizationRequired without an active organization, where the table belongs to one
   */
  run (session: RunningSession, values: Record<string, unknown>): Promise<Array<Record<string, unknown>>> {
    for (const of of this.#owners) {
      const value = session.caller[of]
      if (value === null) throw new errors.OrganizationRequired()
      values[OwnerParameter.keyOf(of)] = value
    }
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
    // It is of no request: those that run it give it their caller.
    return session.prepare({ ...this.#preparation, isCompiled: true, isKept: false, name })
  }
}
