/** An error, or whatever else was thrown, as the properties that it may have. */
export type Thrown = Readonly<Record<string, unknown>>

// A chain of causes can be made to end nowhere.
const longest = 10

/** What was thrown and the causes beneath it, the outermost first; empty when it is no object. */
export function causesOf (thrown: unknown): Thrown[] {
  const causes: Thrown[] = []
  for (let next = thrown; isObject(next) && causes.length < longest; next = next.cause) causes.push(next)
  return causes
}

/**
 * The cause beneath all others: a driver's error, with its code, where Drizzle or an app has wrapped it. An empty
 * object for what is no object.
 */
export function rootCause (thrown: unknown): Thrown {
  return causesOf(thrown).at(-1) ?? {}
}

function isObject (value: unknown): value is Thrown {
  return typeof value === 'object' && value !== null
}
