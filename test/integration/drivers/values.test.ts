import { eq, ilike, inArray, like, sql } from 'drizzle-orm'
import Fastify from 'fastify'
import t from 'tap'
import authIntegration, { userScope } from '../../../lib/index.js'
import { badValues, columnOf, createEverything, everything, goodValues, keys } from '../../fixtures/every-type.js'
import { onEveryDriver } from '../../fixtures/grounds.js'
import { secret, token } from '../../fixtures/tokens.js'

onEveryDriver(t, { create: createEverything, schema: { everything }, settings: ['the scope alone'] }, async (t, { db, options }) => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(authIntegration, { secret, db, cors: false, hook: 'onRequest', ...options })
  const condition: Record<string, (key: keyof typeof everything.$inferInsert, value: any) => any> = {
    eq: (key, value) => eq(everything[key], value),
    inArray: (key, value) => inArray(everything[key], [value])
  }
  // What a client sends has no type, and no schema stands before it here.
  app.post('/insert', async (request: any) => await request.repository(everything).insert(request.body))
  app.post('/insert-many', async (request: any) => await request.repository(everything).insert([request.body, request.body]))
  app.post('/update', async (request: any) => await request.repository(everything).updateById(1, request.body) ?? {})
  app.post<{ Body: { how: string, key: any, value: any } }>('/find', async ({ db, body: { how, key, value } }) => await db.select({ id: everything.id }).from(everything).where(condition[how]!(key, value)))
  app.post<{ Body: { id: any } }>('/by-id', async (request) => await request.repository(everything).getById(request.body.id))
  app.get<{ Querystring: { q: any, offset: any, limit: any } }>('/like', async ({ db, query: { q } }) => await db.select({ id: everything.id }).from(everything).where(like(everything.text, q)))
  app.get<{ Querystring: { q: any } }>('/ilike', async ({ db, query: { q } }) => await db.select({ id: everything.id }).from(everything).where(ilike(everything.text, q)))
  app.get<{ Querystring: { q: any } }>('/raw-like', async ({ db, query: { q } }) => await db.select({ id: everything.id }).from(everything).where(sql`${everything.text} like ${q}`))
  app.get<{ Querystring: { q: any } }>('/lower', async ({ db, query: { q } }) => await db.select({ id: everything.id }).from(everything).where(sql`lower(${everything.text}) = ${q}`))
  app.get<{ Querystring: { offset: any, limit: any } }>('/page', async ({ db, query }) => await db.select({ id: everything.id }).from(everything).limit(Number(query.limit ?? 5)).offset(Number(query.offset ?? 0)))
  app.get<{ Querystring: { q: any } }>('/search', async ({ db, query: { q } }) => await db.select({ id: everything.id }).from(everything).where(sql`to_tsvector('simple', ${everything.text}) @@ to_tsquery('simple', ${q})`))
  app.get<{ Querystring: { q: any } }>('/regex', async ({ db, query: { q } }) => await db.select({ id: everything.id }).from(everything).where(sql`${everything.text} ~ ${q}`))
  app.get<{ Querystring: { q: any } }>('/path', async ({ db, query: { q } }) => await db.select({ id: everything.id }).from(everything).where(sql`jsonb_path_exists(coalesce(${everything.jsonb}, '1'), ${q}::jsonpath)`))
  const ask = async (method: 'GET' | 'POST', url: string, payload?: any) => {
    const response = await app.inject({ method, url, payload: payload === undefined ? undefined : JSON.stringify(payload), headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' } })
    return { status: response.statusCode, body: response.json() }
  }
  const { db: ada, repository } = userScope(db, 'ada', options)
  await repository(everything).insert({ text: 'x' })

  await t.test('what is written is read back', async (t) => {
    for (const key of keys) {
      for (const value of goodValues[key]) {
        const shown = `${key}: ${typeof value === 'bigint' ? value : JSON.stringify(value)}`
        try {
          const { id } = await repository(everything).insert({ [key]: value } as never)
          const read = await repository(everything).getById(id)
          t.same(read[key], value, shown)
          t.same((await repository(everything).insert([{ [key]: read[key] } as never]))[0]![key], value, `${shown}, as it was read`)
          t.same((await repository(everything).updateById(id, { [key]: read[key] } as never))![key], value, `${shown}, updated`)
          t.same((await repository(everything).upsert({ [key]: read[key] } as never, { target: everything.id }))[key], value, `${shown}, upserted`)
          if (!/json|point|line/i.test(key)) {
            t.ok((await ada.select({ id: everything.id }).from(everything).where(eq(columnOf(key), value))).some((row) => row.id === id), `${shown}, found`)
            const { items } = await repository(everything).paginate({ orderBy: columnOf(key), limit: 1, where: eq(everything.id, id) })
            t.equal(items.length, 1, `${shown}, on a page`)
          }
        } catch (error: any) {
          t.fail(`${shown}: ${String(error.cause?.message ?? error.message).slice(0, 100)}`)
        }
      }
    }
  })

  await t.test('pages by every type', async (t) => {
    for (const key of keys.filter((key) => !/json$|jsonb|point|line/i.test(key))) {
      const ids: number[] = []
      let cursor: string | null = null
      try {
        do {
          const page: any = await repository(everything).paginate({ orderBy: columnOf(key), limit: 40, cursor })
          ids.push(...page.items.map((row: any) => row.id))
          cursor = page.nextCursor
        } while (cursor !== null)
        t.equal(new Set(ids).size, await repository(everything).count(), key)
      } catch (error: any) {
        t.fail(`${key}: ${String(error.cause?.message ?? error.message).slice(0, 100)}`)
      }
    }
  })

  await t.test('what no column takes is 400', async (t) => {
    for (const key of keys) {
      for (const value of badValues[key]) {
        const shown = `${key}: ${JSON.stringify(value).slice(0, 40)}`
        const answers: Record<string, unknown> = {}
        const tries: Array<[string, any]> = [['/insert', { [key]: value }], ['/insert-many', { [key]: value }], ['/update', { [key]: value }]]
        if (!/json|point|line/i.test(key)) tries.push(['/find', { how: 'eq', key, value }], ['/find', { how: 'inArray', key, value }])
        for (const [url, payload] of tries) {
          const { status } = await ask('POST', url, payload)
          // A comparison may find nothing, where writing fails.
          if (status !== 400 && !(url === '/find' && status === 200)) answers[`${url} ${payload.how ?? ''}`] = status
        }
        t.same(answers, {}, shown)
      }
    }
    for (const id of [true, [], {}, ['a'], 'x', 1.5, 1e20]) t.equal((await ask('POST', '/by-id', { id })).status, 400, `id ${JSON.stringify(id)}`)
    for (const url of ['/like', '/ilike', '/raw-like']) t.equal((await ask('GET', `${url}?q=a&q=b`)).status, 400, `${url} of a list`)
    for (const url of ['/page?offset=-1', '/page?limit=-1', '/page?offset=1e30', '/page?limit=x', '/search?q=a%20b', '/search?q=%26', '/regex?q=%28', '/path?q=%24%5B', '/like?q=a%5C']) {
      t.equal((await ask('GET', url)).status, 400, url)
    }
  })
})
