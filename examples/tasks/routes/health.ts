import { sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type { Database } from '../database.js'

const tags = ['health']

/** Is the process alive, and can it serve? Both are public by the `publicPaths` of app.ts. */
export async function healthRoutes (app: FastifyInstance, { db }: { db: Database }): Promise<void> {
  app.get('/health', { schema: { tags, summary: 'Is the process alive?' } }, async () => ({ status: 'ok' }))

  app.get('/ready', { schema: { tags, summary: 'Can it serve?' } }, async (request, reply) => {
    try {
      await db.execute(sql`select 1`)
      return { status: 'ready' }
    } catch (error) {
      request.log.error({ err: error }, 'The database does not answer')
      return reply.code(503).header('retry-after', '5').send({ detail: 'Service Unavailable' })
    }
  })
}
