import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { signer } from '../fixtures/asymmetric.js'
import { keySetServer, publish } from '../fixtures/key-set-server.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables } from '../fixtures/task-schema.js'
import { retiredSecret, secret, token } from '../fixtures/tokens.js'

/** One more process of the same service; answers the address it listens on and ends it at teardown. */
async function startInstance (t: Test, env: Record<string, string>): Promise<{ ask: (bearer: string, title?: string) => Promise<{ status: number, titles?: string[] }>, end: () => Promise<void> }> {
  const { PATH, SystemRoot } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/fixtures/instance.ts'], {
    env: { PATH, ...SystemRoot === undefined ? {} : { SystemRoot }, _TAPJS_PROCESSINFO_EXCLUDE_: '.', ...env },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exited = once(child, 'exit')
  const end = async (): Promise<void> => {
    child.kill()
    await exited
  }
  t.teardown(end)
  const address = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => line as string),
    exited.then(() => { throw new Error('The instance ended before it listened') })
  ])
  return {
    end,
    async ask (bearer, title) {
      const post = title === undefined ? {} : { method: 'POST', body: JSON.stringify({ title }) }
      const response = await fetch(`${address}/tasks`, { ...post, headers: { authorization: `Bearer ${bearer}`, ...title === undefined ? {} : { 'content-type': 'application/json' } } })
      const body = await response.json() as Array<{ title: string }>
      return Array.isArray(body) ? { status: response.status, titles: body.map(({ title }) => title) } : { status: response.status }
    }
  }
}

async function database (t: Test): Promise<string> {
  const { url } = await startPostgres(t)
  const client = postgresJs(url, { max: 1, onnotice: () => {} })
  await client.unsafe(createTables)
  await client.end()
  return url
}

t.test('two processes share nothing but PostgreSQL and a secret, and a rotation goes from one to the other', async (t) => {
  const DATABASE_URL = await database(t)
  const before = { DATABASE_URL, BETTER_AUTH_SECRET: retiredSecret }
  const during = { DATABASE_URL, BETTER_AUTH_SECRETS: `2:${secret},1:${retiredSecret}` }
  const after = { DATABASE_URL, BETTER_AUTH_SECRET: secret }
  const [old, renewed] = [token({}, retiredSecret), token({}, secret)]

  const [one, two] = await Promise.all([startInstance(t, before), startInstance(t, before)])
  t.match(await one.ask(old, 'written by one'), { status: 200 })
  t.strictSame(await two.ask(old), { status: 200, titles: ['written by one'] }, 'the other sees what one has written')
  t.strictSame(await two.ask(token({ user_id: 'bob' }, retiredSecret)), { status: 200, titles: [] })
  t.match(await one.ask(renewed), { status: 401 })

  // One after the other, as a rolling deployment does.
  const [three] = await Promise.all([startInstance(t, during), one.end()])
  t.match(await three.ask(old, 'old token, renewed process'), { status: 200 })
  t.match(await three.ask(renewed), { status: 200, titles: { length: 2 } })
  t.match(await two.ask(old), { status: 200, titles: { length: 2 } })

  const [four] = await Promise.all([startInstance(t, after), two.end()])
  t.match(await four.ask(old), { status: 401 }, 'retired')
  t.match(await four.ask(renewed), { status: 200, titles: { length: 2 } })
  t.match(await three.ask(renewed), { status: 200, titles: { length: 2 } })
})

t.test('two processes take up a new key of the key set, and drop the old one, each by itself', async (t) => {
  const DATABASE_URL = await database(t)
  const [old, renewed] = [signer('EdDSA', 'old'), signer('EdDSA', 'new')]
  const endpoint = await keySetServer(t, publish(old.jwk))
  const env = { DATABASE_URL, JWKS_URL: endpoint.url }
  const instances = await Promise.all([startInstance(t, env), startInstance(t, env)])
  for (const { ask } of instances) t.match(await ask(old.token()), { status: 200 })
  endpoint.answer = publish(renewed.jwk)
  for (const { ask } of instances) {
    t.match(await ask(renewed.token()), { status: 200 }, 'an unknown kid fetches the set')
    t.match(await ask(old.token()), { status: 401 }, 'and the key that is gone from it verifies nothing')
  }
})
