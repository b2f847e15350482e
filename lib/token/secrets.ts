import { checkSecret } from '../internal/secret.js'
import type { TokenOptions } from '../options.js'

/**
 * Finds and checks the secrets: the `secret` option, else, when `jwks` is not given either, the environment's
 * `BETTER_AUTH_SECRETS` (Better Auth's own format, `2:new,1:old`) or `BETTER_AUTH_SECRET`. The first is current.
 * Returns an empty list when only a key set is used.
 * @throws {TypeError} saying which secret is wrong and what to do
 */
export function parseSecrets (options: TokenOptions, env: NodeJS.ProcessEnv = process.env): string[] {
  if (options.secret !== undefined) {
    if (!Array.isArray(options.secret)) return [checkSecret(options.secret, '"secret"')]
    if (options.secret.length === 0) {
      throw new TypeError('"secret" is an empty list: give the current secret first, then those being retired')
    }
    return checkList(
      options.secret.map((secret, index) => checkSecret(secret, `"secret" number ${index + 1}`)),
      '"secret"'
    )
  }
  if (options.jwks !== undefined) return []
  if (env['BETTER_AUTH_SECRETS']) {
    if (env['BETTER_AUTH_SECRETS'].trim() === '') {
      throw new TypeError('BETTER_AUTH_SECRETS is blank: write it as 2:new,1:old, or unset it')
    }
    const entries = parseVersionedSecrets(env['BETTER_AUTH_SECRETS'])
    return checkList(entries.map(({ version, value }) =>
      checkSecret(value, `version ${version} in BETTER_AUTH_SECRETS`)), 'BETTER_AUTH_SECRETS')
  }
  if (env['BETTER_AUTH_SECRET']) return [checkSecret(env['BETTER_AUTH_SECRET'], 'BETTER_AUTH_SECRET')]
  throw new TypeError(
    'There is nothing to verify tokens with: set BETTER_AUTH_SECRET, or give the "secret" or the "jwks" option'
  )
}

function checkList (secrets: string[], name: string): string[] {
  if (new Set(secrets).size !== secrets.length) throw new TypeError(`${name} lists the same secret twice: remove one`)
  return secrets
}

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
    if (match === null) {
      throw new TypeError(`${name} must be "<version>:<secret>", the version a whole number, as in 2:new,1:old`)
    }
    const version = Number(match[1])
    const value = match[2]!.trim()
    if (value === '') throw new TypeError(`${name} has no secret after version ${version}`)
    if (seen.has(version)) throw new TypeError(`${name} repeats version ${version}: each version stands once`)
    seen.add(version)
    return { version, value }
  })
}
