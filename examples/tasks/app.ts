import fastify, { type FastifyInstance } from 'fastify'
import authIntegration, { loggerOptions } from 'fastify-auth-integration'
import { createAuth } from './auth.js'
import type { Database } from './database.js'
import { healthRoutes } from './routes/health.js'
import { pageRoutes } from './routes/page.js'
import { taskRoutes } from './routes/tasks.js'
import type { Settings } from './settings.js'

/** The whole server, ready to listen. */
export async function createApp (settings: Settings, db: Database): Promise<FastifyInstance> {
  const app = fastify({
    logger: loggerOptions(),
    // A number is no title, and a key nobody knows is a mistake: say so rather than mend it.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } }
  })

  await app.register(authIntegration, {
    secret: settings.secret,
    hook: 'onRequest',
    db,
    frontendUrl: [...settings.ownOrigins, ...settings.frontendOrigins],
    betterAuth: await createAuth(settings, db, app.log)
  })

  app.register(healthRoutes, { db })
  app.register(pageRoutes)
  app.register(taskRoutes, { prefix: '/api/user/:user_id/tasks' })
  return app
}
