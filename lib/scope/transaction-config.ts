import { errors } from '../errors.js'

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
  for (const [name, value] of Object.entries(config)) {
    if (value === undefined) continue
    const words = Object.hasOwn(listed, name) ? listed[name]! : undefined
    if (words === undefined) throw new errors.Unsupported(`"${name}" is no setting of a transaction: use ${Object.keys(listed).join(', ')}`)
    if (!words.includes(value)) throw new errors.Unsupported(`"${name}" of a transaction is one of ${words.join(', ')}`)
  }
  return { ...config }
}
