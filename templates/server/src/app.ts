import { sql } from 'drizzle-orm'
import Fastify, { type FastifyServerOptions } from 'fastify'
import authIntegration, { errors, loggerOptions } from 'fastify-auth-integration'
import { createAuth } from './auth.ts'
import type { Database } from './database.ts'
import { tasks } from './schema.ts'

const newTask = {
  type: 'object',
  properties: { title: { type: 'string', minLength: 1, maxLength: 200 } },
  required: ['title'],
  additionalProperties: false
}
const oneTask = { type: 'object', properties: { id: { type: 'string', format: 'uuid' } } }

export async function createApp (db: Database, options: FastifyServerOptions = { logger: loggerOptions() }) {
  const app = Fastify(options)

  // Before any route: from here on each route needs a token.
  await app.register(authIntegration, { hook: 'onRequest', db, betterAuth: createAuth(db) })

  // Open by default, as are /ready and the sign-in and sign-up routes of Better Auth.
  app.get('/health', async () => ({ status: 'ok' }))
  app.get('/ready', async () => {
    await db.execute(sql`select 1`)
    return { status: 'ready' }
  })

  // The user in the URL must be the token's, and the repository returns that user's rows only.
  app.get('/api/user/:user_id/tasks', async (request) => {
    return await request.repository(tasks).paginate({ limit: 50 })
  })

  app.post<{ Body: { title: string } }>('/api/user/:user_id/tasks', {
    schema: { body: newTask }
  }, async (request, reply) => {
    const task = await request.repository(tasks).insert(request.body)
    return await reply.code(201).send(task)
  })

  app.delete<{ Params: { id: string } }>('/api/user/:user_id/tasks/:id', {
    schema: { params: oneTask }
  }, async (request, reply) => {
    const task = await request.repository(tasks).deleteById(request.params.id)
    if (task === undefined) throw new errors.NotFound()
    return await reply.code(204).send()
  })

  return app
}
