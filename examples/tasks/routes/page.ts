import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'

/** Files of a front end: the path it is served at, and where it lies below `public/`. */
export type PageFiles = Record<string, string>

interface Options {
  files: PageFiles
  /** Other origins that the page may call. Default none. */
  connectTo?: string[]
}

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml'
}

/** A page and its few files: each route is opened by name, so that nothing else below `public/` ever is. */
export async function pageRoutes (app: FastifyInstance, { files, connectTo = [] }: Options): Promise<void> {
  const policy = `default-src 'self'; connect-src ${["'self'", ...connectTo].join(' ')}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`
  for (const [url, name] of Object.entries(files)) {
    const content = await readFile(new URL(`../public/${name}`, import.meta.url))
    const type = types[name.slice(name.lastIndexOf('.') + 1)]!
    app.get(url, { config: { auth: false } }, async (_request, reply) => {
      return await reply
        .type(type)
        .header('cache-control', 'no-cache')
        .header('content-security-policy', policy)
        .header('x-content-type-options', 'nosniff')
        .header('referrer-policy', 'same-origin')
        .send(content)
    })
  }
}
