import '../src/environment.ts'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import postgres from 'postgres'
import { openDatabase, type Database } from '../src/database.ts'

/**
 * The tests' own database, with all migrations applied: TEST_DATABASE_URL, or the one in DATABASE_URL with `_test` after
 * its name, which is created when it is missing.
 */
export async function openTestDatabase (): Promise<Database> {
  const url = process.env.TEST_DATABASE_URL ?? await createTestDatabase(process.env.DATABASE_URL ?? '')
  const db = openDatabase(url)
  await migrate(db, { migrationsFolder: 'drizzle' })
  return db
}

async function createTestDatabase (url: string): Promise<string> {
  const target = new URL(url)
  const name = `${decodeURIComponent(target.pathname.slice(1))}_test`
  target.pathname = encodeURIComponent(name)
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  try {
    const [found] = await sql`select from pg_database where datname = ${name}`
    if (found === undefined) await sql`create database ${sql(name)}`
  } finally {
    await sql.end()
  }
  return target.href
}
