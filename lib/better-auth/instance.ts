import { inspect } from 'node:util'
import type { BetterAuthInstance } from '../options.js'

/**
 * Looks at the `betterAuth` option, and keeps an instance that fails to start from ending the process: it starts in the
 * background, what stops it is reported by the mount in its turn, and until then nobody awaits it.
 * @throws {TypeError} for what is no instance of Better Auth
 */
export function expectInstance (auth: unknown): asserts auth is BetterAuthInstance {
  const { handler, options } = (typeof auth === 'object' && auth !== null ? auth : {}) as Record<string, unknown>
  if (typeof handler !== 'function' || typeof options !== 'object' || options === null) {
    // Not quoted: where the options were given in place of the instance, a secret is among them.
    throw new TypeError('"betterAuth" must be what betterAuth({ … }) returns, ' +
      'with its handler and options, or left out')
  }
  (auth as BetterAuthInstance).$context?.catch(() => {})
}

/**
 * The path Better Auth is mounted at, below the prefix of its scope.
 * @throws {TypeError} for the root, a path outside the prefix, and what is no plain path
 */
export function mountPath (basePath: unknown, prefix: string): string {
  if (typeof basePath !== 'string') {
    const got = inspect(basePath, { depth: 0 })
    throw new TypeError(`Better Auth's basePath must be a path, such as "/api/auth", got ${got}`)
  }
  const path = basePath.replace(/\/+$/, '')
  if (path === '') {
    throw new TypeError('Better Auth needs a base path of its own to be mounted, such as "/api/auth": set its basePath')
  }
  // A route would read ":" and "*" as names for any text, and Better Auth reads them as they stand.
  if (!/^(?:\/(?!\.{1,2}(?:\/|$))[\w.~-]+)+$/.test(path)) {
    throw new TypeError(`Better Auth's basePath ${JSON.stringify(basePath)} is not a plain path: ` +
      'begin it with "/" and use letters, digits and "-._~", as in "/api/auth"')
  }
  if (!`${path}/`.startsWith(`${prefix}/`)) {
    throw new TypeError(`Better Auth is mounted in a scope with the prefix "${prefix}" ` +
      `and its base path is "${path}": set its basePath to "${prefix}${path}"`)
  }
  return path.slice(prefix.length)
}
