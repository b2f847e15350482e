import { letCompile } from './driver-classes.js'
import { isForgotten, type Query, type Unsafe } from './client.js'

/** What runs in one transaction of a chain. */
export interface LinkStatements {
  /** Tells PostgreSQL the user. */
  user (unsafe: Unsafe): Query
  /** Has the answer. */
  statement (unsafe: Unsafe): Query
}

/** How a transaction ended. */
export interface Outcome {
  answer?: unknown
  failure?: { error: unknown }
  /** Whether the next one has begun; otherwise the connection is lost, or the driver has taken it back. */
  isLinked: boolean
}

/**
 * Sends one transaction of a chain; others may be sent behind it.
 * @returns `again` when nothing was done, since the server had forgotten a statement
 */
export async function sendLink (unsafe: Unsafe, { user, statement }: LinkStatements): Promise<Outcome | 'again'> {
  const once = unrepeated(unsafe)
  return await tryLink(unsafe, [user(once), statement(once)])
}

// That it has to be prepared anew is found out, done, and used; a second change may come between.
const mostAttempts = 4

/** Runs one transaction of a chain with nothing behind it, and lets the driver prepare anew what the server has forgotten. */
export async function runLink (unsafe: Unsafe, { user, statement }: LinkStatements): Promise<Outcome> {
  // By itself: a statement that the driver prepares behind one that it repeats would keep the repeated one from its answer.
  const known = await tryLink(unsafe, [user(unsafe)])
  if (known !== 'again' && !known.isLinked) return known
  const once = unrepeated(unsafe)
  for (let attempt = 0; attempt < mostAttempts; attempt++) {
    const outcome = await tryLink(unsafe, [user(once), statement(attempt === 0 ? once : unsafe)])
    if (outcome !== 'again') return outcome
  }
  return { failure: { error: Object.assign(new Error('The plan of a statement goes stale again and again'), { code: '40001' }) }, isLinked: true }
}

// The driver repeats a forgotten statement behind all that was sent with it: in another transaction, which is not the user's.
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

async function tryLink (unsafe: Unsafe, queries: Query[]): Promise<Outcome | 'again'> {
  let failure: { error: unknown } | undefined
  const failed = (error: unknown): void => { failure ??= { error } }
  let unanswered = queries.length
  let answer: unknown
  const answered = (rows: unknown): void => {
    unanswered--
    answer = rows
    letCompile(rows as object)
  }
  for (const query of queries) query.then(answered, (error: unknown) => { unanswered--; failed(error) })
  // `then` sends it; `await` would call that too late, when the next link has sent its own.
  const committed = new Promise((resolve, reject) => { unsafe('commit and chain').then(resolve, reject) })
  try {
    await committed
    // Repeated, and not answered yet. Nothing may be sent until it is.
    if (unanswered > 0) {
      await Promise.allSettled(queries)
      await unsafe('rollback and chain')
      return 'again'
    }
  } catch (error) {
    failed(error)
    return { failure: failure!, isLinked: false }
  }
  if (failure === undefined) return { answer, isLinked: true }
  return isForgotten(failure.error) ? 'again' : { failure, isLinked: true }
}
