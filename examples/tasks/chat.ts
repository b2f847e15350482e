import fastify, { type FastifyInstance } from 'fastify'
import { loggerOptions } from 'fastify-auth-integration'
import { chatFiles } from './chat-files.js'
import type { Place } from './places.js'
import { pageRoutes } from './routes/page.js'
import { placeRoutes } from './routes/places.js'

/**
 * The quick-add page, on an origin of its own. It serves files and nothing else: whatever it shows it asks of the
 * API across origins, as a front end that another team has put elsewhere.
 */
export async function createChat (places: Place[]): Promise<FastifyInstance> {
  const chat = fastify({ logger: loggerOptions() })
  chat.register(pageRoutes, { files: chatFiles, connectTo: places.map(({ web }) => web) })
  chat.register(placeRoutes, { places })
  return chat
}
