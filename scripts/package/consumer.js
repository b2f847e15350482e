/**
 * An app that uses what the package declares, for a compiler outside of this repository. It is one module in the syntax
 * that TypeScript takes for both kinds: `.mts` is compiled against the declarations for ES modules, `.cts` against
 * those for CommonJS.
 */
export const consumerSource = `import Fastify from 'fastify'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import authIntegration, { timestamps } from 'fastify-auth-integration'
import { userIdJwt } from 'fastify-auth-integration/better-auth'
import { checkIsolation } from 'fastify-auth-integration/testing'

const tasks = pgTable('tasks', {
  id: text().primaryKey(),
  userId: text('user_id').notNull(),
  note: text(),
  rank: integer().notNull().default(0),
  ...timestamps()
})
const plans = pgTable('plans', { id: text().primaryKey() })

export async function main () {
  const app = Fastify()
  await app.register(authIntegration, { secret: 'x' })
  const token: string = app.jwt.sign({ user_id: 'ada' })
  app.get('/', { onRequest: app.verifyToken, config: { auth: 'optional' } }, async (request) => {
    const userId: string = request.userId
    const repository = request.repository(tasks)
    const rows: Array<{ id: string, userId: string }> = await request.db.select().from(tasks)
    const row: { id: string } | undefined = await repository.findById(userId)
    // Nullable columns and those with a default may be given and left out.
    await repository.insert({ id: 'x', note: 'optional', rank: 1, createdAt: new Date() })
    await repository.insert([{ id: 'x' }])
    await repository.upsert({ id: 'x', note: null }, { target: tasks.id, set: { note: 'y' } })
    await repository.updateById('x', { note: 'z', rank: 2 })
    await request.db.insert(tasks).values({ id: 'x', note: 'optional', rank: 1 })
    return { row, rows, claims: request.claims?.exp, routes: app.routeAccess().length, token }
  })

  // Types that have fallen back to any would take these as well.
  // @ts-expect-error
  app.get('/id', async (request) => request.userId.nothing)
  // @ts-expect-error
  app.get('/db', async (request) => request.db.nothing)
  // @ts-expect-error
  app.get('/plans', async (request) => request.repository(plans))
  // @ts-expect-error
  app.get('/no-id', async (request) => request.repository(tasks).insert({ note: 'without an id' }))
  // @ts-expect-error
  app.get('/unknown', async (request) => request.repository(tasks).insert({ id: 'x', nothing: 1 }))
  // @ts-expect-error
  app.jwt.nothing()
}
export const used = [userIdJwt, checkIsolation]
`

/** Settings as Drizzle's own declarations need them. */
export const consumerSettings = {
  module: 'nodenext', target: 'es2022', strict: true, noEmit: true, skipLibCheck: true, types: []
}
