import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseOrigins } from 'fastify-auth-integration'
import { keptSecret } from './kept-secret.js'

/** What the environment says, or the example's own defaults. */
export interface Settings {
  host: string
  port: number
  /** Of the quick-add page. Absent: the port after `port`, or another when that is taken. */
  chatPort?: number
  /** The names that this machine goes by in a browser. */
  hosts: string[]
  /** What the browser shows; Better Auth's base URL. */
  baseURL: string
  /** Where this server's own page is served from. */
  ownOrigins: string[]
  /** Other front ends, from `FRONTEND_URL`. */
  frontendOrigins: string[]
  /**
   * Absent where `BETTER_AUTH_SECRET` or `BETTER_AUTH_SECRETS` is set: Better Auth and the plugin read those
   * themselves.
   */
  secret?: string
  /** Absent: a PostgreSQL of the example's own, in `folder`. */
  databaseUrl?: string
  /** For what the example keeps between runs: `DATA_FOLDER`, or `.data`, which git ignores. */
  folder: string
}

/**
 * Reads `HOST`, `PORT`, `CHAT_PORT`, `BETTER_AUTH_URL`, `FRONTEND_URL`, `BETTER_AUTH_SECRET`, `DATABASE_URL` and
 * `DATA_FOLDER`.
 * @throws {TypeError} with a sentence that says which is wrong and what it should be
 */
export function readSettings (env: NodeJS.ProcessEnv): Settings {
  const folder = resolve(env.DATA_FOLDER || fileURLToPath(new URL('../../.data', import.meta.url)))
  const host = env.HOST || '127.0.0.1'
  const port = readPort('PORT', env.PORT || '3000')
  const chatPort = env.CHAT_PORT ? readPort('CHAT_PORT', env.CHAT_PORT) : undefined
  if (chatPort === port) throw new TypeError(`CHAT_PORT is PORT, ${port}: the two front ends need a port each`)
  const hosts = [...new Set([host === '::1' ? '[::1]' : host, '127.0.0.1', 'localhost'])].filter(
    (name) => name !== '0.0.0.0' && name !== '::'
  )
  const baseURL = env.BETTER_AUTH_URL || `http://${hosts[0]}:${port}`
  if (!/^https?:\/\//.test(baseURL) || !URL.canParse(baseURL)) {
    throw new TypeError(
      `BETTER_AUTH_URL is "${baseURL}": it must be an http or https URL, such as https://api.example.app`
    )
  }
  const hasSecret = Boolean(env.BETTER_AUTH_SECRETS || env.BETTER_AUTH_SECRET)
  return {
    host,
    port,
    chatPort,
    hosts,
    baseURL,
    ownOrigins: [
      ...new Set([new URL(baseURL).origin, ...hosts.map((name) => new URL(`http://${name}:${port}`).origin)])
    ],
    frontendOrigins: env.FRONTEND_URL ? parseOrigins(env.FRONTEND_URL) : [],
    secret: hasSecret ? undefined : keptSecret(join(folder, 'secret')),
    databaseUrl: readDatabaseUrl(env.DATABASE_URL),
    folder
  }
}

function readPort (name: string, text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new TypeError(`${name} is "${text}": it must be a whole number from 1 to 65535`)
  }
  return port
}

function readDatabaseUrl (text: string | undefined): string | undefined {
  if (!text) return undefined
  // The text may hold a password, so it is not repeated.
  if (!/^postgres(ql)?:\/\//.test(text) || !URL.canParse(text)) {
    throw new TypeError('DATABASE_URL must look like postgres://user:password@host:5432/database')
  }
  return text
}
