import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { parseOrigins } from 'fastify-auth-integration'
import { userIdJwt } from 'fastify-auth-integration/better-auth'
import type { Database } from './database.ts'
import * as schema from './schema.ts'

// It reads BETTER_AUTH_SECRET and BETTER_AUTH_URL from the environment.
export const createAuth = (db: Database) => betterAuth({
  database: drizzleAdapter(db, { provider: 'pg', schema }),
  emailAndPassword: { enabled: true },
  trustedOrigins: parseOrigins(process.env.FRONTEND_URL ?? []),
  // Errors inside Better Auth become errors of the app, which logs them: 503 when the database is away.
  onAPIError: { throw: true },
  plugins: [userIdJwt()]
})
