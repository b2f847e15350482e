import { fileURLToPath } from 'node:url'
import { sql } from 'drizzle-orm'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { startLocalPostgres } from './local-postgres.js'
import * as schema from './schema.js'
import type { Settings } from './settings.js'

export type Database = PostgresJsDatabase<typeof schema>

// So that `request.db.query` knows the tables and their relations in every handler.
declare module 'fastify-auth-integration' {
  interface Register { db: Database }
}

/** An open database, and how to leave it. */
export interface OpenDatabase {
  db: Database
  close: () => Promise<void>
}

/**
 * Connects to `DATABASE_URL`, or to a PostgreSQL of the example's own, and brings its tables up to date.
 * @throws {Error} with a sentence, when the database cannot be reached or migrated
 */
export async function openDatabase (settings: Settings): Promise<OpenDatabase> {
  const local = settings.databaseUrl === undefined ? await startLocalPostgres(settings.folder) : undefined
  const url = settings.databaseUrl ?? local!.url
  const client = postgres(url, { connect_timeout: 5, onnotice: () => {} })
  const db = drizzle(client, { schema })
  const close = async (): Promise<void> => {
    await client.end({ timeout: 5 })
    await local?.stop()
  }
  try {
    await db.execute(sql`select 1`).catch((error: unknown) => { throw unreachable(url, error) })
    await migrate(db, { migrationsFolder: fileURLToPath(new URL('drizzle', import.meta.url)) })
  } catch (error) {
    await close()
    throw error
  }
  return { db, close }
}

function unreachable (url: string, error: unknown): Error {
  const cause = (error as { cause?: NodeJS.ErrnoException }).cause
  const why = cause?.message || cause?.code || 'no answer'
  // Without the user and the password.
  const { host, pathname } = new URL(url)
  return new Error(
    `The database ${pathname.slice(1)} at ${host} cannot be reached (${why}): start it, or correct DATABASE_URL`,
    { cause }
  )
}
