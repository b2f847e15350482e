import { errors } from '../errors.js'
import { describeUnknownKey } from '../internal/unknown-keys.js'

const listed: Record<string, readonly unknown[]> = {
  isolationLevel: ['read uncommitted', 'read committed', 'repeatable read', 'serializable'],
  accessMode: ['read only', 'read write'],
  deferrable: [true, false]
}

/**
 * Drizzle writes these into the statement as they are, so only PostgreSQL's own words pass.
 * @throws errors.Unsupported naming the setting and what it takes
 */
export function checkTransactionConfig (config: object): object {
  const given = Object.entries(config).filter(([, value]) => value !== undefined)
  const problem = describeUnknownKey(Object.fromEntries(given), Object.keys(listed), { of: 'transaction()' })
  if (problem !== undefined) throw new errors.Unsupported(problem)
  for (const [name, value] of given) {
    const words = listed[name]!
    if (!words.includes(value)) throw new errors.Unsupported(`"${name}" of a transaction is one of ${words.join(', ')}`)
  }
  return { ...config }
}
