import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { neonConfig } from '@neondatabase/serverless'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import authIntegration, { userScope } from '../../lib/index.js'
import type { Driver } from '../fixtures/drivers.js'
import { neonDrivers } from '../fixtures/neon.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables, notes } from '../fixtures/task-schema.js'
import { secret, token } from '../fixtures/tokens.js'

// What every driver does alike is in drivers.test.ts: here is what Neon's say in their own words.

async function answerTo (t: Test, { open }: Driver, url: string) {
  const { db, end } = open(t, url)
  const app = Fastify()
  t.teardown(async () => { await app.close(); await end() })
  await app.register(authIntegration, { secret, db, cors: false, hook: 'onRequest' })
  app.post<{ Body: { id: string } }>('/notes', async (request) => await request.repository(notes).insert(request.body))
  app.post<{ Body: { id: string } }>('/policed', async (request) => await userScope(db, request.userId, { rowLevelSecurity: true }).repository(notes).insert(request.body))
  return async (url = '/notes') => {
    const { statusCode, headers } = await app.inject({ method: 'POST', url, headers: { authorization: `Bearer ${token({ user_id: 'ada' })}` }, body: { id: 'c0ffee00-0000-4000-8000-000000000000' } })
    return { statusCode, retryAfter: headers['retry-after'] }
  }
}

/** Sends Neon's clients elsewhere for the length of a test. */
function redirect (t: Test, port: number, path = ''): void {
  const { fetchEndpoint, wsProxy } = neonConfig
  t.teardown(() => Object.assign(neonConfig, { fetchEndpoint, wsProxy }))
  Object.assign(neonConfig, { fetchEndpoint: `http://127.0.0.1:${port}/${path}`, wsProxy: () => `127.0.0.1:${port}/${path}` })
}

for (const driver of neonDrivers) {
  t.test(driver.name, async (t) => {
    t.test('a key that is taken is 409', async (t) => {
      const { url } = await startPostgres(t)
      const { db, end } = driver.open(t, url)
      for (const statement of createTables.split(';').filter((statement) => statement.trim() !== '')) await db.execute(statement)
      await end()
      const answer = await answerTo(t, driver, url)
      t.match(await answer(), { statusCode: 200 })
      t.match(await answer(), { statusCode: 409 })
    })

    t.test('a proxy that is away is 503', async (t) => {
      const server = createServer()
      await once(server.listen(0, '127.0.0.1'), 'listening')
      redirect(t, (server.address() as AddressInfo).port)
      await once(server.close(), 'close')
      const answer = await answerTo(t, driver, 'postgres://user:password@db.example/app')
      t.strictSame(await answer(), { statusCode: 503, retryAfter: '5' })
      if (driver.transactions) t.strictSame(await answer('/policed'), { statusCode: 503, retryAfter: '5' })
    })

    for (const [status, expected] of [[502, 503], [401, 500]] as const) {
      t.test(`a proxy that answers ${status} is ${expected}`, async (t) => {
        const server = createServer((_request, response) => { response.writeHead(status).end('no') })
        server.on('upgrade', (_request, socket) => { socket.end(`HTTP/1.1 ${status} No\r\n\r\n`) })
        await once(server.listen(0, '127.0.0.1'), 'listening')
        t.teardown(() => { server.close() })
        redirect(t, (server.address() as AddressInfo).port)
        const answer = await answerTo(t, driver, 'postgres://user:password@db.example/app')
        t.equal((await answer()).statusCode, expected)
      })
    }
  })
}
