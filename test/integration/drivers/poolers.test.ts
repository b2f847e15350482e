import { eq } from 'drizzle-orm'
import Fastify from 'fastify'
import t from 'tap'
import authIntegration from '../../../lib/index.js'
import { onEveryDriver } from '../../fixtures/grounds.js'
import { keepsPreparedStatements, startPgbouncer, withoutPgbouncer } from '../../fixtures/pgbouncer.js'
import { createTables, notes, schema, tasks } from '../../fixtures/task-schema.js'
import { secret, token } from '../../fixtures/tokens.js'

const without: Record<string, number> = keepsPreparedStatements ? { max_prepared_statements: 0 } : {}
const poolers: Record<string, Record<string, string | number>> = {
  'transaction mode without prepared statements': { pool_mode: 'transaction', ...without },
  ...(keepsPreparedStatements && { 'transaction mode with prepared statements of its own': { pool_mode: 'transaction', max_prepared_statements: 100 } }),
  'session mode': { pool_mode: 'session', ...without, server_reset_query: 'DISCARD ALL' }
}

t.test('behind PgBouncer with nothing set', { skip: withoutPgbouncer }, async (t) => {
  onEveryDriver(t, { create: createTables, schema, where: ({ network, name }) => network && name !== 'neon-http' }, async (t, ground) => {
    for (const [name, settings] of Object.entries(poolers)) {
      await t.test(name, async (t) => {
        const url = await startPgbouncer(t, ground.url, settings.pool_mode === 'session' ? 20 : 3, settings)
        // Three processes of one app, each with a pool of its own.
        const lines: Array<{ level: number, msg: string }> = []
        const apps = await Promise.all([0, 1, 2].map(async () => {
          const app = Fastify({ logger: { level: 'warn', stream: { write: (line: string) => { lines.push(JSON.parse(line)) } } } })
          t.teardown(() => app.close())
          const { db } = ground.driver.open(t, url, { schema })
          await app.register(authIntegration, { secret, db, cors: false, hook: 'onRequest', ...ground.options })
          app.get('/list', async (request) => await request.repository(notes).findMany())
          app.get('/builder', async ({ db }) => await db.select({ body: notes.body }).from(notes).where(eq(notes.body, 'x')))
          app.get('/count', async (request) => ({ count: await request.repository(tasks).count() }))
          app.get('/write', async (request) => await request.repository(notes).insert({ body: 'x' }))
          app.get('/transaction', async (request) => await request.db.transaction(async (tx) => {
            const made = await tx.repository(notes).insert({ body: 'y' })
            await tx.select().from(notes)
            return await tx.repository(notes).deleteById(made.id)
          }))
          await app.ready()
          return app
        }))
        const routes = ['/list', '/builder', '/count', '/write', '/transaction']
        const faults: Record<string, number> = {}
        for (let round = 0; round < 8; round++) {
          await Promise.all(apps.flatMap((app) => Array.from({ length: 10 }, async (_, index) => {
            const route = routes[index % routes.length]!
            const since = performance.now()
            const { statusCode } = await app.inject({ url: route, headers: { authorization: `Bearer ${token({ user_id: `user-${index}` })}` } })
            const slow = performance.now() - since > 5000
            if (statusCode !== 200 || slow) faults[`${route} ${statusCode}${slow ? ' after five seconds' : ''}`] = (faults[`${route} ${statusCode}${slow ? ' after five seconds' : ''}`] ?? 0) + 1
          })))
        }
        t.same(faults, {}, 'all 240 requests go through')
        const warnings = lines.filter(({ msg }) => /prepared statements/i.test(msg))
        t.ok(warnings.length <= 3, `said once a process at most, ${warnings.length} times`)
        t.same(lines.filter(({ level }) => level >= 50), [])
      })
    }
  })
})
