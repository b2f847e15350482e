import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { startPostgres } from '../fixtures/postgres.js'

const secret = 'a secret of the test, longer than 32 bytes'
const root = fileURLToPath(new URL('../..', import.meta.url))

/** The first server in README, as it stands there. */
function readmeServer () {
  const readme = readFileSync(`${root}/README.md`, 'utf8')
  return /```ts\r?\n(\/\/ server\.ts[\s\S]*?)```/.exec(readme)![1]!
}

/** Runs it as a process of its own and answers where it listens. */
async function start (t: Test, databaseUrl: string) {
  const folder = t.testdir({
    'package.json': JSON.stringify({ type: 'module' }),
    'tsconfig.json': JSON.stringify({ compilerOptions: { paths: { 'fastify-auth-integration': [`${root}/lib/index.ts`] } } }),
    'server.ts': readmeServer()
  })
  const server = spawn(process.execPath, ['--import', 'tsx', 'server.ts'], {
    cwd: folder,
    env: { ...process.env, BETTER_AUTH_SECRET: secret, DATABASE_URL: databaseUrl, FRONTEND_URL: 'https://web.example.app', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const exit = once(server, 'exit')
  t.teardown(async () => {
    server.kill()
    await exit
  })
  for await (const line of createInterface({ input: server.stdout })) {
    const address = /http:\/\/[^"\s]+/.exec(line)?.[0]
    if (address !== undefined) return address
  }
  throw new Error('The server of README ended before it listened')
}

const tokenOf = async (userId: string) => await new SignJWT({ user_id: userId })
  .setProtectedHeader({ alg: 'HS256' })
  .setExpirationTime('5m')
  .sign(new TextEncoder().encode(secret))

t.test('the server of README runs as it stands and keeps two users apart', async (t) => {
  const postgres = await startPostgres(t)
  const sql = postgresJs(postgres.url, { max: 1, onnotice: () => {} })
  t.teardown(() => sql.end())
  await sql`create table tasks (id serial primary key, user_id text not null, title text not null, created_at timestamptz not null default now(), updated_at timestamptz not null default now())`
  await sql`insert into tasks (user_id, title) values ('ada', 'Ada writes'), ('bob', 'Bob reads')`

  const address = await start(t, postgres.url)
  const ask = async (path: string, userId?: string) => {
    const headers = new Headers({ origin: 'https://web.example.app' })
    if (userId !== undefined) headers.set('authorization', `Bearer ${await tokenOf(userId)}`)
    const response = await fetch(address + path, { headers })
    t.equal(response.headers.get('access-control-allow-origin'), 'https://web.example.app')
    return { status: response.status, body: await response.json() }
  }

  t.match(await ask('/health'), { status: 200, body: { status: 'ok' } })
  t.match(await ask('/api/user/ada/tasks'), { status: 401, body: { detail: 'Missing token' } })
  t.match(await ask('/api/user/ada/tasks', 'bob'), { status: 403, body: { detail: 'Forbidden' } })
  for (const [userId, title] of [['ada', 'Ada writes'], ['bob', 'Bob reads']] as const) {
    const { status, body } = await ask(`/api/user/${userId}/tasks`, userId)
    t.equal(status, 200)
    t.match(body, [{ userId, title }])
    t.equal((body as unknown[]).length, 1)
  }
})
