/** The modules of the server; `js` is the extension that their imports name. */
export const database = (js: string): string => `import { drizzle } from 'drizzle-orm/postgres-js'
import * as schema from './schema.${js}'

export type Database = ReturnType<typeof openDatabase>

export function openDatabase () {
  const url = process.env['DATABASE_URL']
  if (!url) throw new Error('DATABASE_URL is not set: it belongs into .env')
  return drizzle(url, { schema })
}
`

export const auth = (js: string): string => `import { betterAuth } from 'better-auth'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { parseOrigins } from 'fastify-auth-integration'
import { userIdJwt } from 'fastify-auth-integration/better-auth'
import type { Database } from './database.${js}'
import * as schema from './schema.${js}'

// It reads BETTER_AUTH_SECRET and BETTER_AUTH_URL from the environment.
export const createAuth = (db: Database) => betterAuth({
  database: drizzleAdapter(db, { provider: 'pg', schema }),
  emailAndPassword: { enabled: true },
  trustedOrigins: parseOrigins(process.env['FRONTEND_URL'] ?? []),
  // What fails inside becomes an error of the app, which logs it: 503 when the database is away.
  onAPIError: { throw: true },
  plugins: [userIdJwt()]
})
`

export const app = (js: string): string => `import Fastify, { type FastifyServerOptions } from 'fastify'
import authIntegration, { errors, loggerOptions } from 'fastify-auth-integration'
import { createAuth } from './auth.${js}'
import type { Database } from './database.${js}'
import { tasks } from './schema.${js}'

const newTask = {
  type: 'object',
  properties: { title: { type: 'string', minLength: 1, maxLength: 200 } },
  required: ['title'],
  additionalProperties: false
}
const oneTask = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } }

export async function createApp (db: Database, options: FastifyServerOptions = { logger: loggerOptions() }) {
  const app = Fastify(options)

  // Before any route: from here on each one needs a token.
  await app.register(authIntegration, { hook: 'onRequest', db, betterAuth: createAuth(db) })

  // Open by rule, as /ready and what is below /api/auth.
  app.get('/health', async () => ({ status: 'ok' }))

  // The user in the URL has to be the token's, and the repository holds that user's rows only.
  app.get('/api/user/:user_id/tasks', async (request) => {
    return await request.repository(tasks).paginate({ limit: 50 })
  })

  app.post<{ Body: { title: string } }>('/api/user/:user_id/tasks', { schema: { body: newTask } }, async (request, reply) => {
    const task = await request.repository(tasks).insert(request.body)
    return await reply.code(201).send(task)
  })

  app.delete<{ Params: { id: string } }>('/api/user/:user_id/tasks/:id', { schema: { params: oneTask } }, async (request, reply) => {
    const task = await request.repository(tasks).deleteById(request.params.id)
    if (task === undefined) throw new errors.NotFound()
    return await reply.code(204).send()
  })

  return app
}
`

export const server = (js: string): string => `import { createApp } from './app.${js}'
import { openDatabase } from './database.${js}'

const db = openDatabase()
const app = await createApp(db)
// After an outage a connection may never answer the farewell.
app.addHook('onClose', async () => await db.$client.end({ timeout: 5 }))

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { void app.close() })

await app.listen({ port: Number(process.env['PORT'] ?? 3000), host: process.env['HOST'] ?? '127.0.0.1' })
`
