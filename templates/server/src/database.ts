import { drizzle } from 'drizzle-orm/postgres-js'
import * as schema from './schema.ts'

export type Database = ReturnType<typeof openDatabase>

export function openDatabase (url = process.env.DATABASE_URL) {
  if (!url) throw new Error('DATABASE_URL is not set: put it into .env, or into the environment of the process')
  return drizzle(url, { schema })
}
