import { eq, sql } from 'drizzle-orm'
import Fastify, { type FastifyRequest } from 'fastify'
import t from 'tap'
import authIntegration from '../../lib/index.js'
import { gate } from '../fixtures/faults.js'
import { onEveryDriver } from '../fixtures/grounds.js'
import { createTables, notes, schema } from '../fixtures/task-schema.js'
import { secret, token } from '../fixtures/tokens.js'

const makers: Record<string, (request: FastifyRequest) => { execute (values?: Record<string, unknown>): Promise<any> }> = {
  select: ({ db }) => db.select().from(notes).prepare('kept_1'),
  'with a placeholder': ({ db }) => db.select().from(notes).where(eq(notes.body, sql.placeholder('body'))).prepare('kept_2'),
  'by all(), which some drivers have': ({ db }) => {
    const statement: any = db.select().from(notes).prepare('kept_7')
    return { execute: async (values) => await (statement.all ?? statement.execute).call(statement, values) }
  },
  relational: ({ db }) => (db as any).query.notes.findMany().prepare('kept_3'),
  update: ({ db }) => db.update(notes).set({ body: sql`${notes.body}` }).returning().prepare('kept_4'),
  insert: ({ db }) => db.insert(notes).values({ body: 'new' }).returning().prepare('kept_5'),
  delete: ({ db }) => db.delete(notes).where(sql`false`).returning().prepare('kept_6')
}

onEveryDriver(t, { create: createTables, schema }, async (t, { db, options }) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret, db, cors: false, hook: 'onRequest', ...options })
  const kept: Record<string, { execute (values?: Record<string, unknown>): Promise<any> }> = {}
  let waits: Promise<unknown> = Promise.resolve()
  let made = (): void => {}
  app.get<{ Querystring: { how: string, body?: string } }>('/kept', async (request) => {
    const { how } = request.query
    return await (kept[how] ??= makers[how]!(request)).execute({ body: request.query.body })
  })
  app.get<{ Querystring: { how: string } }>('/slow', async (request) => {
    const { how } = request.query
    kept[how] = makers[how]!(request)
    made()
    await waits
    return []
  })
  app.get<{ Querystring: { how: string } }>('/own', async (request) => {
    const prepare = async () => {
      await new Promise((resolve) => { setImmediate(resolve) })
      return makers[request.query.how]!(request)
    }
    const statement = await prepare()
    await statement.execute({ body: 'x' })
    return await statement.execute({ body: 'x' })
  })
  app.get('/repository', async (request) => {
    const repository = request.repository(notes)
    const { id } = await repository.insert({ body: `of ${request.userId}` })
    await repository.updateById(id, { body: `still of ${request.userId}` })
    const found = [await repository.findById(id), ...await repository.findMany({ limit: 20 }), await repository.count()]
    await repository.deleteById(id)
    return found
  })
  const ask = async (url: string, user: string) => {
    const response = await app.inject({ url, headers: { authorization: `Bearer ${token({ user_id: user })}` } })
    return { status: response.statusCode, text: response.body }
  }
  for (const user of ['A', 'B', 'A']) {
    const { status, text } = await ask('/repository', user)
    t.equal(status, 200, 'what a repository has compiled is of no request, and every request runs it')
    t.match(text, `still of ${user}`)
    t.notMatch(text, `still of ${user === 'A' ? 'B' : 'A'}`)
  }
  for (const how of Object.keys(makers)) {
    t.equal((await ask(`/own?how=${encodeURIComponent(how)}`, 'A')).status, 200, `${how}: a request runs its own as often as it likes`)
    const first = await ask(`/kept?how=${encodeURIComponent(how)}&body=x`, 'A')
    t.equal(first.status, 200, how)
    for (const user of ['A', 'B']) {
      const { status, text } = await ask(`/kept?how=${encodeURIComponent(how)}&body=x`, user)
      t.same([status, text.includes('"A"')], [500, false], `${how}: another request of ${user} is refused`)
    }
    // While the request that made it is still open.
    const { opened, open } = gate()
    waits = opened
    const prepared = new Promise<void>((resolve) => { made = resolve })
    const slow = ask(`/slow?how=${encodeURIComponent(how)}`, 'A')
    await prepared
    const { status, text } = await ask(`/kept?how=${encodeURIComponent(how)}&body=x`, 'B')
    t.same([status, text.includes('"A"')], [500, false], `${how}: a request at the same time is refused`)
    open()
    await slow
  }
})
