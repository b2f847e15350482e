import { letCompile } from './driver-classes.js'
import { isStaleStatement } from '../../internal/stale-statement.js'
import type { Query, Unsafe } from './client.js'

/** What runs in one transaction of a chain. */
export interface TransactionStatements {
  /** Sets the user. */
  user (unsafe: Unsafe): Query
  /** Has the result. */
  statement (unsafe: Unsafe): Query
}

/** How a transaction ended. */
export interface Outcome {
  result?: unknown
  failure?: { error: unknown }
  /** Whether the next one has begun; otherwise the connection is lost, or the driver has taken it back. */
  hasNextBegun: boolean
}

/**
 * Sends one transaction of a chain; others may be sent behind it.
 * @returns `again` when nothing was done, since the server had forgotten a statement
 */
export async function sendTransaction (
  unsafe: Unsafe, { user, statement }: TransactionStatements
): Promise<Outcome | 'again'> {
  const once = unrepeated(unsafe)
  return await attempt(unsafe, [user(once), statement(once)])
}

// That it has to be prepared anew is found out, done, and used; a second change may come between.
const mostAttempts = 4

/**
 * Runs one transaction of a chain with nothing behind it, and lets the driver prepare anew what the server has
 * forgotten.
 */
export async function runAlone (unsafe: Unsafe, { user, statement }: TransactionStatements): Promise<Outcome> {
  // By itself: a statement that the driver prepares behind one that it repeats would keep the repeated one from its
  // result.
  const known = await attempt(unsafe, [user(unsafe)])
  if (known !== 'again' && !known.hasNextBegun) return known
  const once = unrepeated(unsafe)
  for (let attempts = 0; attempts < mostAttempts; attempts++) {
    const outcome = await attempt(unsafe, [user(once), statement(attempts === 0 ? once : unsafe)])
    if (outcome !== 'again') return outcome
  }
  const error = Object.assign(new Error('The plan of a statement goes stale again and again'), { code: '40001' })
  return { failure: { error }, hasNextBegun: true }
}

// The driver repeats a forgotten statement behind all that was sent with it: in another transaction, which is not the
// user's.
function unrepeated (unsafe: Unsafe): Unsafe {
  return (text, params, options) => {
    const onexecute = (): true => {
      query.prepared = false
      return true
    }
    // Written out, as for every statement: to spread the options takes half a microsecond.
    const query = unsafe(text, params, { prepare: options?.prepare, simple: false, onexecute })
    return query
  }
}

async function attempt (unsafe: Unsafe, queries: Query[]): Promise<Outcome | 'again'> {
  let failure: { error: unknown } | undefined
  const failed = (error: unknown): void => { failure ??= { error } }
  let pending = queries.length
  let result: unknown
  const succeeded = (rows: unknown): void => {
    pending--
    result = rows
    letCompile(rows as object)
  }
  for (const query of queries) query.then(succeeded, (error: unknown) => { pending--; failed(error) })
  // `then` sends it; `await` would call that too late, when the next transaction has sent its own.
  const committed = new Promise((resolve, reject) => { unsafe('commit and chain').then(resolve, reject) })
  try {
    await committed
    // Repeated, and without a result yet. Nothing may be sent until it has one.
    if (pending > 0) {
      await Promise.allSettled(queries)
      await unsafe('rollback and chain')
      return 'again'
    }
  } catch (error) {
    failed(error)
    return { failure: failure!, hasNextBegun: false }
  }
  if (failure === undefined) return { result, hasNextBegun: true }
  return isStaleStatement(failure.error) ? 'again' : { failure, hasNextBegun: true }
}
