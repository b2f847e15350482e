import type { FastifyInstance } from 'fastify'

/** Every door of this server, with who may pass and why: what the page at /doors shows. */
export async function doorRoutes (app: FastifyInstance): Promise<void> {
  app.get('/doors.json', { config: { auth: false } }, async () => app.routeAccess())
}
