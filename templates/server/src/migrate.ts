import './environment.ts'
import { migrate } from 'drizzle-orm/postgres-js/migrator'
import { openDatabase } from './database.ts'

// Applies the migrations in drizzle/ that the database does not have yet. Run it once a release, before the servers.
const db = openDatabase()
await migrate(db, { migrationsFolder: 'drizzle' })
await db.$client.end()
