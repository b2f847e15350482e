import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { newcomersFolder, ownEnvironment, script } from '../fixtures/packed-package.js'
import { startPostgres } from '../fixtures/postgres.js'

// Somebody with an empty folder, the packed package and README, who does what it says.

const root = fileURLToPath(new URL('../..', import.meta.url))
const secret = 'a secret of the test, longer than 32 bytes'

/** A block of a document that begins with its own name, as it stands there. */
function block (document: string, name: string): string {
  const text = readFileSync(join(root, document), 'utf8').replaceAll('\r\n', '\n')
  return text.split('```').find((part) => part.split('\n')[1] === `// ${name}`)!.replace(/^\w+\n/, '')
}

/** The command of the quick start that makes a token, as its shell would hand it to Node. */
function tokenProgram (): string {
  const text = readFileSync(join(root, 'docs/quick-start.md'), 'utf8')
  return /node --input-type=module -e "([^"]+)"/.exec(text)![1]!
}

async function emptyFolder (t: Test, manifest: object) {
  const folder = newcomersFolder(t, ['fastify', 'drizzle-orm', 'postgres', 'drizzle-kit', 'tsx'])
  const postgres = await startPostgres(t)
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(join(folder, 'schema.ts'), block('README.md', 'schema.ts'))
  const env = ownEnvironment({ BETTER_AUTH_SECRET: secret, DATABASE_URL: postgres.url, FRONTEND_URL: 'https://web.example.app', PORT: '0' })
  const run = async (...words: string[]) => (await promisify(execFile)(process.execPath, words, { cwd: folder, env })).stdout.trim()

  await run(script('drizzle-kit', 'drizzle-kit'), 'push', '--dialect', 'postgresql', '--schema', 'schema.ts', '--url', postgres.url)
  const sql = postgresJs(postgres.url, { max: 1 })
  await sql`insert into tasks (user_id, title, created_at, updated_at) values ('ada', 'Ada writes', now(), now()), ('bob', 'Bob reads', now(), now())`
  await sql.end()
  return { folder, env, run }
}

/** Starts the server and answers where it listens. */
async function start (t: Test, folder: string, env: NodeJS.ProcessEnv, words: string[]): Promise<string> {
  const server = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] })
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

async function keepsTwoUsersApart (t: Test, address: string, tokenOf: (userId: string) => Promise<string>) {
  const ask = async (path: string, token?: string) => {
    const headers = new Headers({ origin: 'https://web.example.app' })
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    const response = await fetch(address + path, { headers })
    t.equal(response.headers.get('access-control-allow-origin'), 'https://web.example.app')
    return { status: response.status, body: await response.json() as unknown }
  }
  const [ada, bob] = [await tokenOf('ada'), await tokenOf('bob')]

  t.match(await ask('/api/user/ada/tasks'), { status: 401, body: { detail: 'Missing token' } })
  t.match(await ask('/api/user/ada/tasks', bob), { status: 403, body: { detail: 'Forbidden' } })
  for (const [userId, token, title] of [['ada', ada, 'Ada writes'], ['bob', bob, 'Bob reads']] as const) {
    const { status, body } = await ask(`/api/user/${userId}/tasks`, token)
    t.equal(status, 200)
    t.match(body, [{ userId, title }])
    t.equal((body as unknown[]).length, 1)
  }
}

t.test('the server of README in TypeScript runs from the packed package and keeps two users apart', async (t) => {
  const { folder, env, run } = await emptyFolder(t, { type: 'module' })
  const server = block('README.md', 'server.ts')
  t.ok((server + block('README.md', 'schema.ts')).split('\n').length < 30, 'in less than 30 lines')
  writeFileSync(join(folder, 'server.ts'), server)

  const address = await start(t, folder, env, ['--import', 'tsx', 'server.ts'])
  t.match(await (await fetch(`${address}/health`)).json(), { status: 'ok' })
  await keepsTwoUsersApart(t, address, async (userId) => await run('--input-type=module', '-e', tokenProgram().replace("'ada'", `'${userId}'`)))
})

t.test('the server of README in CommonJS runs from the packed package and keeps two users apart', async (t) => {
  const { folder, env, run } = await emptyFolder(t, { type: 'commonjs' })
  const server = block('README.md', 'server.cjs')
  t.ok(server.split('\n').length < 30, 'in less than 30 lines')
  writeFileSync(join(folder, 'server.cjs'), server)

  const address = await start(t, folder, env, ['server.cjs'])
  await keepsTwoUsersApart(t, address, async (userId) => await run('--input-type=module', '-e', tokenProgram().replace("'ada'", `'${userId}'`)))
})
