/**
 * The server under load, in a process of its own so that its CPU is its own. `BENCH_KIND` says what stands before the
 * route.
 */
import fastifyCors from '@fastify/cors'
import fastifyJwt from '@fastify/jwt'
import { desc, eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import Fastify, { type FastifyInstance } from 'fastify'
import postgres from 'postgres'
import authIntegration from 'fastify-auth-integration'
import { taskTable } from './database.js'
import { loadPeers } from './peers.js'
import { secret } from './tokens.js'

const jwks = process.env['BENCH_JWKS']!
const origin = 'https://web.example.app'
const hook = 'onRequest'

const guards: Record<string, (app: FastifyInstance) => unknown> = {
  bare: () => {},
  'bare, @fastify/cors': (app) => app.register(fastifyCors, { origin: [origin], credentials: true }),
  'empty hook': (app) => app.addHook(hook, (_request, _reply, done) => done()),
  'HS256 seen': (app) => app.register(authIntegration, { secret, hook, cors: false }),
  'HS256 seen, CORS': (app) => app.register(authIntegration, { secret, hook, frontendUrl: origin }),
  'EdDSA seen': (app) => app.register(authIntegration, { jwks, hook, cors: false }),
  'HS256 new': (app) => app.register(authIntegration, { secret, hook, cors: false }),
  'EdDSA new': (app) => app.register(authIntegration, { jwks, hook, cors: false }),
  'jwtVerify new': jwtVerify,
  'fastify-jwt-jwks HS256 new': async (app) => { await (await peers()).registerTokenPeer(app, { secret }) },
  'fastify-jwt-jwks EdDSA new': async (app) => {
    await (await peers()).registerTokenPeer(app, { jwksUrl: jwks, issuer: 'http://issuer.example' })
  },
  'fastify-jwt-jwks EdDSA seen': async (app) => {
    await (await peers()).registerTokenPeer(app, { jwksUrl: jwks, issuer: 'http://issuer.example', cache: true })
  },
  rows: (app) => app.register(authIntegration, { secret, hook, cors: false, db: database() }),
  'rows by hand': jwtVerify
}

async function jwtVerify (app: FastifyInstance): Promise<void> {
  await app.register(fastifyJwt, { secret, verify: { algorithms: ['HS256'] } })
  app.addHook(hook, async (request) => { await request.jwtVerify() })
}

async function peers () {
  const loaded = await loadPeers({ install: false })
  if (loaded === undefined) throw new Error('The peers are not installed')
  return loaded
}

function database () {
  return drizzle(postgres(process.env['BENCH_DATABASE']!, { max: 10 }))
}

const kind = process.env['BENCH_KIND']!
const app = Fastify()
await guards[kind]!(app)

if (kind === 'rows') {
  const tasks = taskTable(process.env['BENCH_TABLE']!)
  app.get('/', async (request) => await request.repository(tasks).findMany({ limit: 20, orderBy: desc(tasks.id) }))
} else if (kind === 'rows by hand') {
  const tasks = taskTable(process.env['BENCH_TABLE']!)
  const db = database()
  app.get('/', async (request) => {
    const { user_id: me } = request.user as { user_id: string }
    return await db.select().from(tasks).where(eq(tasks.userId, me)).orderBy(desc(tasks.id)).limit(20)
  })
} else {
  app.get('/', async () => ({ ok: true }))
}

await app.listen({ host: '127.0.0.1', port: 0 })
process.on('disconnect', () => process.exit(1))
process.on('message', (message) => {
  // Leaving by itself lets --cpu-prof write its file.
  if (message === 'end') process.exit(0)
  process.send!(process.cpuUsage())
})
process.send!((app.server.address() as { port: number }).port)
