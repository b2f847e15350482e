import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'

const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/page.js': ['page.js', 'text/javascript; charset=utf-8'],
  '/api.js': ['api.js', 'text/javascript; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml']
} as const

/** The page and its few files: each route is opened by name, so that nothing else below `public/` ever is. */
export async function pageRoutes (app: FastifyInstance): Promise<void> {
  for (const [url, [name, type]] of Object.entries(files)) {
    const content = await readFile(new URL(`../public/${name}`, import.meta.url))
    app.get(url, { config: { auth: false } }, async (_request, reply) => {
      return await reply
        .type(type)
        .header('cache-control', 'no-cache')
        .header('content-security-policy', "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'same-origin')
        .send(content)
    })
  }
}
