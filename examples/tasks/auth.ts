import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import type { FastifyBaseLogger } from 'fastify'
import { userIdJwt } from 'fastify-auth-integration/better-auth'
import type { Database } from './database.js'
import { originsOf, type Place } from './places.js'
import * as schema from './schema.js'
import type { Settings } from './settings.js'

/** The issuer: e-mail and password, its tables in the same database, tokens that the API takes. */
export async function createAuth (settings: Settings, places: Place[], db: Database, log: FastifyBaseLogger) {
  const auth = betterAuth({
    appName: 'Tasks',
    baseURL: settings.baseURL,
    secret: settings.secret,
    trustedOrigins: [...originsOf(places), ...settings.frontendOrigins],
    database: drizzleAdapter(db, { provider: 'pg', schema }),
    emailAndPassword: { enabled: true },
    plugins: [userIdJwt()],
    // What fails inside Better Auth is answered and logged like everything else here: 503 without a database.
    onAPIError: { throw: true },
    telemetry: { enabled: false },
    // Its words go where all other lines go, redacted and in ASCII.
    logger: { log: (level, message, ...details) => log[level]({ details }, message) }
  })
  // It builds itself in the background; what it has against the settings is to be said now.
  await auth.$context
  return auth
}
