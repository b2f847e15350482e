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

/** Whether a statement may refuse. */
export function mayRefuse (text: string): boolean {
  return text.includes("concat('FAI_")
}

/**
 * What a failed statement means.
 * @param text the statement that failed
 * @returns errors.ForeignReference or errors.Conflict for a refusal, any other error as it is
 */
export function readRefusal (error: unknown, text: string): unknown {
  const { code, message } = rootCause(error)
  const said = Object.entries(refusals).find(
    ([refusal]) => code === '22P02' && typeof message === 'string' && message.includes(`"${refusal}"`)
  )
  if (said !== undefined) return new said[1](undefined, { cause: error })
  // Under row-level security PostgreSQL stops the upsert before its condition is read.
  if (code === '42501' && text.includes("concat('FAI_CONFLICT')")) {
    return new errors.Conflict(undefined, { cause: error })
  }
  return error
}
