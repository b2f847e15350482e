import { eq, sql } from 'drizzle-orm'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { answerTo, faultApp, faultDrivers, gate, startWire, unavailable, type FaultDriver } from '../fixtures/faults.js'
import { startOwnPostgres } from '../fixtures/postgres.js'
import { createTables, notes, tasks } from '../fixtures/task-schema.js'
import { token } from '../fixtures/tokens.js'

/** Statements of an administrator beside the app. */
async function beside (url: string, statement: string): Promise<any[]> {
  const client = postgresJs(url, { max: 1, onnotice: () => {} })
  try {
    return await client.unsafe(statement)
  } finally {
    await client.end()
  }
}

/** An app over a server of its own, with a route that reads. */
async function withServer (t: Test, driver: FaultDriver, options = {}, settings = {}) {
  const { url, server } = await startOwnPostgres(t, settings)
  await beside(url, createTables)
  const app = await faultApp(t, driver.open(t, url, options))
  app.get('/tasks', async (request) => await request.repository(tasks).findMany())
  return { url, server, app }
}

/** Nobody has to be told, and nothing has to be started again. */
async function recovers (t: Test, app: Awaited<ReturnType<typeof faultApp>>): Promise<void> {
  t.match(await answerTo(app, '/tasks'), { status: 200, body: [] }, 'the pool recovers')
  t.match(await answerTo(app, '/health'), { status: 200 })
}

for (const driver of faultDrivers) {
  t.test(driver.name, async (t) => {
    t.test('a database that refuses is 503, and 200 as soon as it is back', async (t) => {
      const { server, app } = await withServer(t, driver)
      await server.stop()
      for (let request = 0; request < 3; request++) t.strictSame(await answerTo(app, '/tasks'), unavailable)
      t.match(await answerTo(app, '/health'), { status: 200 })
      await server.start()
      await recovers(t, app)
    })

    t.test('a database that accepts and never answers is 503 within the time-out', async (t) => {
      const wire = await startWire(t)
      const app = await faultApp(t, driver.open(t, wire.url, { connectTimeout: 300 }))
      app.get('/tasks', async (request) => await request.repository(tasks).findMany())
      const before = performance.now()
      t.strictSame(await answerTo(app, '/tasks'), unavailable)
      t.ok(performance.now() - before < 5000, 'long before a client gives up')
      t.match(await answerTo(app, '/health'), { status: 200 })
    })

    t.test('a database that stops answering and drops its connections is 503, and works when it is back', async (t) => {
      const { url } = await startOwnPostgres(t)
      await beside(url, createTables)
      const wire = await startWire(t, url)
      const app = await faultApp(t, driver.open(t, wire.url, { max: 1 }))
      app.get('/tasks', async (request) => await request.repository(tasks).findMany())
      t.match(await answerTo(app, '/tasks'), { status: 200 })
      wire.hang()
      const hung = answerTo(app, '/tasks')
      t.match(await answerTo(app, '/health'), { status: 200 }, 'other requests are served meanwhile')
      wire.mend()
      // The drop may come before the statement has been sent, and then it goes to a new connection.
      t.match(await hung, { status: /^(?:503|200)$/ })
      await recovers(t, app)
    })

    t.test('a connection lost while a transaction begins is not lost to the pool', async (t) => {
      const { url } = await startOwnPostgres(t)
      await beside(url, createTables)
      const wire = await startWire(t, url)
      const app = await faultApp(t, driver.open(t, wire.url, { max: 1 }))
      app.get('/tasks', async (request) => await request.db.transaction(async (tx) => await tx.select().from(tasks)))
      await recovers(t, app)
      wire.hang()
      const swallowed = wire.swallowed()
      const hung = answerTo(app, '/tasks')
      await swallowed
      wire.mend()
      t.strictSame(await hung, unavailable)
      await recovers(t, app)
    })

    t.test('a restart leaves broken connections in the pool, and no request behind', async (t) => {
      const { server, app } = await withServer(t, driver)
      await Promise.all([answerTo(app, '/tasks'), answerTo(app, '/tasks')])
      await server.restart()
      await recovers(t, app)
    })

    for (const [how, end] of [
      ['by an administrator', async (url: string) => {
        await beside(url, 'select pg_terminate_backend(pid) from pg_stat_activity where state = \'idle in transaction\'')
      }],
      ['with the whole server', undefined]
    ] as const) {
      t.test(`a connection killed ${how} between two statements of a transaction leaves nothing half-written`, async (t) => {
        const { url, server, app } = await withServer(t, driver)
        const [between, killed] = [gate(), gate()]
        app.get('/pair', async (request) => await request.db.transaction(async (tx) => {
          await tx.insert(tasks).values({ title: 'first' })
          between.open()
          await killed.opened
          await tx.insert(tasks).values({ title: 'second' })
        }))
        const pair = answerTo(app, '/pair')
        await between.opened
        await (end === undefined ? server.kill() : end(url))
        killed.open()
        t.strictSame(await pair, unavailable)
        if (end === undefined) await server.start()
        await recovers(t, app)
        t.match(await beside(url, 'select count(*)::int from tasks'), [{ count: 0 }])
      })
    }

    t.test('a connection killed during a statement of a savepoint ends the whole transaction', async (t) => {
      const { url, app } = await withServer(t, driver)
      const locker = postgresJs(url, { max: 1, onnotice: () => {} })
      t.teardown(() => locker.end())
      const waiting = gate()
      app.get('/nested', async (request) => await request.db.transaction(async (tx) => {
        await tx.insert(tasks).values({ title: 'first' })
        await tx.transaction(async (inner) => {
          await inner.insert(tasks).values({ title: 'second' })
          waiting.open()
          await inner.select().from(notes)
        })
      }))
      const nested = await locker.begin(async (lock) => {
        await lock`lock table notes in access exclusive mode`
        const answer = answerTo(app, '/nested')
        await waiting.opened
        const killed = () => lock`select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'`
        while ((await killed()).length === 0);
        return { answer }
      })
      t.strictSame(await nested.answer, unavailable)
      // A connection of postgres.js can give the old session's last words to the next statement (porsager/postgres#1215).
      if (driver.name === 'postgres-js') await answerTo(app, '/tasks')
      await recovers(t, app)
      t.match(await beside(url, 'select count(*)::int from tasks'), [{ count: 0 }])
    })

    t.test('an exhausted pool is 503 within the time-out, and serves again with nothing written', async (t) => {
      const { url, app } = await withServer(t, driver, { max: 1, connectTimeout: 300 })
      const [inside, leave] = [gate(), gate()]
      app.get('/hold', async (request) => await request.db.transaction(async (tx) => {
        await tx.insert(notes).values({ body: 'held' })
        inside.open()
        await leave.opened
        return 'done'
      }))
      app.get('/write', async (request) => await request.repository(tasks).insert({ title: 'late' }))
      app.get('/build', async (request) => await request.db.insert(tasks).values({ title: 'late' }))
      app.get('/pair', async (request) => await request.db.transaction(async (tx) => await tx.insert(tasks).values({ title: 'late' })))
      app.get('/outer', async (request) => await request.db.transaction(async () => await request.db.select().from(tasks)))
      const hold = app.inject({ url: '/hold', headers: { authorization: `Bearer ${token({ user_id: 'ada' })}` } })
      await inside.opened
      const before = performance.now()
      const answers = await Promise.all(['/tasks', '/tasks', '/write', '/build', '/pair'].map(async (path) => await answerTo(app, path)))
      t.same(answers, answers.map(() => unavailable))
      t.ok(performance.now() - before < 5000, 'long before a client gives up')
      leave.open()
      t.match(await hold, { statusCode: 200 })
      await recovers(t, app)
      t.match(await beside(url, 'select body from notes'), [{ body: 'held' }])
      t.match(await beside(url, 'select count(*)::int from tasks'), [{ count: 0 }], 'what was given up is not done later')
      t.strictSame(await answerTo(app, '/outer'), unavailable, 'a handler that waits for itself does not wait for ever')
      for (const path of ['/write', '/build', '/pair']) t.match((await app.inject({ url: path, headers: { authorization: `Bearer ${token({ user_id: 'ada' })}` } })).statusCode, 200)
      t.match(await beside(url, 'select count(*)::int from tasks'), [{ count: 3 }])
    })

    t.test('a server without a free connection is 503', async (t) => {
      const settings = { max_connections: 4, superuser_reserved_connections: 0, reserved_connections: 0, max_wal_senders: 0 }
      const { url, server } = await startOwnPostgres(t, settings)
      await beside(url, createTables)
      const app = await faultApp(t, driver.open(t, url))
      app.get('/tasks', async (request) => await request.repository(tasks).findMany())
      const others = postgresJs(server.url, { max: 4, onnotice: () => {} })
      t.teardown(() => others.end({ timeout: 0 }))
      const held = await Promise.all(Array.from({ length: 4 }, async () => await others.reserve()))
      t.strictSame(await answerTo(app, '/tasks'), unavailable)
      for (const connection of held) connection.release()
      await others.end()
      await recovers(t, app)
    })

    t.test('a deadlock ends one of the two with 503 and all of its writes, and the other goes through', async (t) => {
      const { url, app } = await withServer(t, driver, {}, { deadlock_timeout: '100ms' })
      await beside(url, 'insert into notes (id, user_id, body) values (\'00000000-0000-0000-0000-000000000001\', \'ada\', \'a\'), (\'00000000-0000-0000-0000-000000000002\', \'ada\', \'b\')')
      const ids = ['00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002']
      const arrived = [gate(), gate()]
      app.get('/swap/:first', async (request) => {
        const first = Number((request.params as { first: string }).first)
        await request.db.transaction(async (tx) => {
          await tx.update(notes).set({ body: `by ${first}` }).where(eq(notes.id, ids[first]!))
          arrived[first]!.open()
          await Promise.all(arrived.map(({ opened }) => opened))
          await tx.update(notes).set({ body: `by ${first}` }).where(eq(notes.id, ids[1 - first]!))
        })
        return { first }
      })
      const answers = await Promise.all([answerTo(app, '/swap/0'), answerTo(app, '/swap/1')])
      t.strictSame(answers.map(({ status }) => status).sort(), [200, 503])
      t.strictSame(answers.find(({ status }) => status === 503), unavailable)
      const winner = answers.findIndex(({ status }) => status === 200)
      t.match(await beside(url, 'select distinct body from notes'), [{ body: `by ${winner}` }])
    })

    t.test('a serialisation failure is 503 with nothing written, and the same request goes through afterwards', async (t) => {
      const { url, app } = await withServer(t, driver)
      const arrived = [gate(), gate()]
      app.get('/add/:me', async (request) => {
        const me = Number((request.params as { me: string }).me)
        await request.db.transaction(async (tx) => {
          const [row] = await tx.select({ count: sql<number>`count(*)::int` }).from(notes)
          arrived[me]!.open()
          await Promise.all(arrived.map(({ opened }) => opened))
          await tx.insert(notes).values({ body: `after ${row!.count}` })
        }, { isolationLevel: 'serializable' })
        return { me }
      })
      const answers = await Promise.all([answerTo(app, '/add/0'), answerTo(app, '/add/1')])
      t.strictSame(answers.map(({ status }) => status).sort(), [200, 503])
      t.strictSame(answers.find(({ status }) => status === 503), unavailable)
      t.match(await beside(url, 'select body from notes'), [{ body: 'after 0' }])
      t.match(await answerTo(app, '/add/0'), { status: 200 })
      t.match(await beside(url, 'select body from notes order by body'), [{ body: 'after 0' }, { body: 'after 1' }])
    })

    t.test('a bad token never takes a connection', async (t) => {
      const { url } = await startOwnPostgres(t)
      await beside(url, createTables)
      const wire = await startWire(t, url)
      const app = await faultApp(t, driver.open(t, wire.url))
      app.get('/tasks', async (request) => await request.repository(tasks).findMany())
      const bad = [undefined, 'Basic YTpi', 'Bearer nonsense', `Bearer ${token({ exp: 1 })}`, `Bearer ${token({}, 'another secret of thirty-two bytes!')}`, `Bearer ${token({ user_id: '' })}`]
      for (const authorization of bad) {
        const { statusCode } = await app.inject({ url: '/tasks', headers: authorization === undefined ? {} : { authorization } })
        t.equal(statusCode, 401)
      }
      t.equal(wire.connections(), 0)
      await recovers(t, app)
      t.equal(wire.connections(), 1)
    })
  })
}
