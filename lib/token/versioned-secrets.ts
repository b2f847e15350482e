/** One entry of `BETTER_AUTH_SECRETS`. */
export interface VersionedSecret {
  version: number
  value: string
}

/**
 * Reads Better Auth's rotation format, `2:new,1:old`: entries between commas, the current one first, white space
 * around entries and values dropped. A secret with a comma in it cannot be written this way.
 * @throws {TypeError} naming the entry by its position, never by its content
 */
export function parseVersionedSecrets (text: string): VersionedSecret[] {
  const seen = new Set<number>()
  return text.split(',').map((entry, index) => {
    const name = `BETTER_AUTH_SECRETS entry ${index + 1}`
    const match = /^(\d{1,15}):(.*)$/s.exec(entry.trim())
    if (match === null) throw new TypeError(`${name} must be "<version>:<secret>", the version a whole number, as in 2:new,1:old`)
    const version = Number(match[1])
    const value = match[2]!.trim()
    if (value === '') throw new TypeError(`${name} has no secret after version ${version}`)
    if (seen.has(version)) throw new TypeError(`${name} repeats version ${version}: each version stands once`)
    seen.add(version)
    return { version, value }
  })
}
