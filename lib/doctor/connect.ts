import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UsageError } from './command-line.js'

/** Runs one statement and returns its rows. */
export type Query = <Row>(statement: string, values?: string[]) => Promise<Row[]>

/** A connection that has never written anything. */
export interface Connection {
  query: Query
  end: () => Promise<void>
}

/** Imports a package as the app has it; returns `undefined` when it is not installed. */
export type Import = (name: string) => Promise<unknown>

/** Seconds until the attempt to connect is given up. */
const connectTimeout = 10

/**
 * Connects with the app's `postgres` or `pg`, whichever is installed.
 * @throws UsageError when neither is
 */
export async function connect (url: string, importPackage: Import): Promise<Connection> {
  const postgres = defaultOf(await importPackage('postgres'))
  if (postgres !== undefined) return withPostgresJs(postgres as PostgresJs, url)
  const pg = defaultOf(await importPackage('pg'))
  if (pg !== undefined) return await withNodePostgres(pg as NodePostgres, url)
  throw new UsageError(
    'DATABASE_URL is set, and neither "postgres" nor "pg" is installed here: npm install --save-dev postgres, or ' +
      'run without DATABASE_URL'
  )
}

/** Looks from the app's folder, then from this package's own. */
export function importFrom (folder: string): Import {
  const require = createRequire(join(folder, 'package.json'))
  return async (name) => {
    for (const find of [() => pathToFileURL(require.resolve(name)).href, () => import.meta.resolve(name)]) {
      try {
        return await import(find())
      } catch (error) {
        const { code = '' } = error as NodeJS.ErrnoException
        if (!['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(code)) throw error
      }
    }
  }
}

type PostgresJs = (
  url: string,
  options: object
) => {
  unsafe: (statement: string, values?: string[]) => Promise<unknown[]>
  end: (options?: object) => Promise<void>
}

interface NodePostgres {
  Client: new (options: object) => {
    connect: () => Promise<void>
    query: (statement: string, values?: string[]) => Promise<{ rows: unknown[] }>
    end: () => Promise<void>
    on: (event: 'error', listener: () => void) => void
  }
}

function withPostgresJs (postgres: PostgresJs, url: string): Connection {
  // One connection, so that the transaction begun on it is the one everything runs in.
  const sql = postgres(url, { max: 1, prepare: false, connect_timeout: connectTimeout, onnotice: () => {} })
  return {
    query: async <Row>(statement: string, values?: string[]) => (await sql.unsafe(statement, values)) as Row[],
    end: async () => await sql.end({ timeout: 1 })
  }
}

async function withNodePostgres (pg: NodePostgres, url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectTimeout * 1000 })
  // A connection that breaks later rejects the query under way; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  return {
    query: async <Row>(statement: string, values?: string[]) => (await client.query(statement, values)).rows as Row[],
    end: async () => await client.end()
  }
}

function defaultOf (loaded: unknown): unknown {
  return typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded
}
