import fastify, { type FastifyInstance } from 'fastify'
import authIntegration, { loggerOptions } from 'fastify-auth-integration'
import { createAuth } from './auth.js'
import type { Database } from './database.js'
import { openapi } from './openapi.js'
import { originsOf, type Place } from './places.js'
import { accessRoutes } from './routes/access.js'
import { boardRoutes } from './routes/board.js'
import { healthRoutes } from './routes/health.js'
import { noteRoutes } from './routes/notes.js'
import { pageRoutes } from './routes/page.js'
import { placeRoutes } from './routes/places.js'
import { projectRoutes } from './routes/projects.js'
import { taskRoutes } from './routes/tasks.js'
import type { Settings } from './settings.js'
import { webFiles } from './web-files.js'

/** The API and the web app, ready to listen. */
export async function createApp (settings: Settings, places: Place[], db: Database): Promise<FastifyInstance> {
  const app = fastify({
    logger: loggerOptions(),
    // A number is no title, and a key nobody knows is a mistake: say so rather than mend it.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } }
  })

  await app.register(authIntegration, {
    secret: settings.secret,
    hook: 'onRequest',
    publicPaths: ['/health', '/ready', '/reference'],
    db,
    frontendUrl: [...originsOf(places), ...settings.frontendOrigins],
    // Where the next page is: the quick-add page reads it from its own origin.
    cors: { exposedHeaders: ['link'], maxAge: 600 },
    betterAuth: await createAuth(settings, places, db, app.log)
  })
  // Behind the guard, which completes the document, and before the routes it describes.
  await app.register(openapi)

  app.register(healthRoutes, { db })
  app.register(pageRoutes, { files: webFiles })
  app.register(placeRoutes, { places })
  app.register(accessRoutes)

  const mine = '/api/user/:user_id'
  app.register(boardRoutes, { prefix: `${mine}/board` })
  app.register(taskRoutes, { prefix: `${mine}/tasks` })
  app.register(noteRoutes, { prefix: `${mine}/tasks/:task_id/notes` })
  app.register(projectRoutes, { prefix: `${mine}/projects` })
  return app
}
