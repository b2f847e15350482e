import type { FastifyInstance } from 'fastify'
import { choosePlace, type Place } from '../places.js'

/** Tells a page where the others are, under the name of the machine that the page itself was asked for by. */
export async function placeRoutes (app: FastifyInstance, { places }: { places: Place[] }): Promise<void> {
  app.get('/places.json', { config: { auth: false } }, async (request, reply) => {
    const { here, elsewhere } = choosePlace(places, request.hostname)
    reply.header('cache-control', 'no-store')
    return { ...here, elsewhere: elsewhere?.web }
  })
}
