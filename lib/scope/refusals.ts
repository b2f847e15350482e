import { sql, type SQL } from 'drizzle-orm'
import { errors } from '../errors.js'
import { rootCause } from '../internal/root-cause.js'

// What a statement may find out while it runs, and the error it means.
const refusals = { FAI_FOREIGN_REFERENCE: errors.ForeignReference, FAI_CONFLICT: errors.Conflict }

/**
 * An expression that fails when PostgreSQL reaches it, so that one statement both looks and writes, or writes nothing:
 * a cast of the refusal's code to a number. `concat` is not immutable, so the cast is not tried when the statement is
 * planned.
 */
export function refuse (code: keyof typeof refusals, type: SQL): SQL {
  return sql`cast(cast(cast(concat(${sql.raw(`'${code}'`)}) as integer) as text) as ${type})`
}

/**
 * The same for a condition on a row, with functions that are IMMUTABLE alone, as a distributed PostgreSQL asks for in
 * `on conflict … where`:
 * nothing of a column of the row is in the text, so that the cast is not tried before there is one.
 */
export function refuseRow (code: keyof typeof refusals, column: SQL): SQL {
  const text = sql`${sql.raw(`'${code}'`)} || coalesce(left(cast(${column} as text), 0), '')`
  return sql`cast(cast(cast(${text} as integer) as text) as boolean)`
}

/** Whether a statement may refuse. */
export function mayRefuse (text: string): boolean {
  return text.includes("'FAI_")
}

/**
 * What a failed statement means, by its SQLSTATE and the code that the statement itself puts there; the rest is in the
 * server's language.
 * @param text the statement that failed
 * @returns errors.ForeignReference or errors.Conflict for a refusal, any other error as it is
 */
export function readRefusal (error: unknown, text: string): unknown {
  const { code, message, routine } = rootCause(error)
  if (code === '22P02' && typeof message === 'string') {
    const found = Object.entries(refusals)
      .find(([refusal]) => text.includes(`'${refusal}'`) && message.includes(refusal))
    if (found !== undefined) return new found[1](undefined, { cause: error })
  }
  // Under row-level security PostgreSQL stops the upsert before its condition is read; a missing grant is told by
  // another routine.
  const isPolicy = code === '42501' && (routine === undefined || routine === 'ExecWithCheckOptions')
  return isPolicy && text.includes("'FAI_CONFLICT'") ? new errors.Conflict(undefined, { cause: error }) : error
}
