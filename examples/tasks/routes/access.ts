import type { FastifyInstance } from 'fastify'

/** Every route of this server with its access and the rule behind it: what the page at /routes shows. */
export async function accessRoutes (app: FastifyInstance): Promise<void> {
  app.get('/routes.json', { config: { auth: false } }, async () => app.routeAccess())
}
