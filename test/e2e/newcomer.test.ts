import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { newcomersFolder, ownEnvironment } from '../fixtures/packed-package.js'
import { startPostgres } from '../fixtures/postgres.js'

// Somebody with an empty folder, the packed package and a page, who does what the page says. What the page installs
// is in the folder, and nothing else; its other commands run in a shell as they are printed.

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Block { language: string, text: string }

/** The blocks of a page between a heading and the next one of its level. */
function blocksOf (document: string, heading: string): Block[] {
  const text = readFileSync(join(root, document), 'utf8').replaceAll('\r\n', '\n')
  const section = text.slice(text.indexOf(`\n${heading}\n`) + heading.length + 2)
  const end = section.search(new RegExp(`^#{1,${heading.indexOf(' ')}} `, 'm'))
  const own = end < 0 ? section : section.slice(0, end)
  return [...own.matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(([, language, text]) => ({ language: language!, text: text! }))
}

const commands = (document: string, heading: string): string =>
  blocksOf(document, heading).filter(({ language }) => language === 'sh').map(({ text }) => text).join('')

/** What the `npm install` lines of some commands install, beside this package. */
function installed (text: string): string[] {
  return [...text.matchAll(/^npm install (.+)$/gm)].flatMap(([, words]) => words!.split(' '))
    .filter((word) => !word.startsWith('--') && word !== 'fastify-auth-integration')
}

/** A folder in which the install commands of a page have been run, and files with the names of its blocks. */
function folderAfter (t: Test, install: string, blocks: Block[]): string {
  const folder = newcomersFolder(t, installed(install))
  writeFileSync(join(folder, 'package.json'), JSON.stringify(install.includes('type=module') ? { type: 'module' } : {}))
  for (const { text } of blocks) {
    const name = /^\/\/ ([\w-]+\.\w+)\n/.exec(text)?.[1]
    if (name !== undefined) writeFileSync(join(folder, name), text)
  }
  return folder
}

async function shell (folder: string, env: NodeJS.ProcessEnv, text: string): Promise<string> {
  return (await promisify(execFile)('sh', ['-euc', text], { cwd: folder, env })).stdout.trim()
}

/** Runs commands of which the last starts the server; resolves to where it listens. */
async function start (t: Test, folder: string, env: NodeJS.ProcessEnv, text: string): Promise<string> {
  const server = spawn('sh', ['-euc', text.trim().replace(/\n(.*)$/, '\nexec $1')], {
    cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'], detached: process.platform !== 'win32'
  })
  const exit = once(server, 'exit')
  t.teardown(async () => {
    // `npx` and `tsx` are processes of their own.
    if (process.platform === 'win32') server.kill()
    else process.kill(-server.pid!, 'SIGTERM')
    await exit
  })
  let output = ''
  for await (const line of createInterface({ input: server.stdout })) {
    output += `${line}\n`
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (address !== undefined) return address
  }
  throw new Error(`The server of the page ended before it listened:\n${output}`)
}

t.test('README leads from an empty folder to a first own row', async (t) => {
  const { url } = await startPostgres(t)
  const server = '## A server in thirty lines'
  const blocks = blocksOf('README.md', server)
  const lines = blocks.find(({ text }) => text.startsWith('// server.ts'))!.text.trim().split('\n')
  t.ok(lines.length <= 31, `thirty lines beside the file's name, not ${lines.length}`)
  const folder = folderAfter(t, commands('README.md', '## Install'), blocks)

  // The one value of the page that is the reader's own.
  const steps = commands('README.md', server).replace(/^export DATABASE_URL=.*$/m, `export DATABASE_URL=${url}`)
  t.match(steps, url)
  const address = await start(t, folder, ownEnvironment({ PORT: '0' }), steps)
  t.match(await (await fetch(`${address}/health`)).json(), { status: 'ok' })

  const calls = commands('README.md', '## The first token')
  const here = calls.replaceAll('localhost:3000', new URL(address).host)
  const said = await shell(folder, ownEnvironment(), here)
  t.match(said, /"email":"ada@example\.com".*\{"id":1,"userId":"\w+","title":"Water the plants".*\}\[\{"id":1,.*\}\]\{"detail":"Missing token"\}$/s)
  const other = here.replaceAll('ada', 'bob').replace(/^curl [^\n]*\\\n[^\n]*Water the plants[^\n]*\n/m, '')
  t.match(await shell(folder, ownEnvironment(), other), /bob@example\.com.*\}\}\[\]\{"detail":"Missing token"\}$/s)
})

t.test('the server of the quick start in CommonJS keeps two users apart', async (t) => {
  const { url } = await startPostgres(t)
  const blocks = blocksOf('docs/quick-start.md', '### CommonJS')
  const [install, steps, calls] = blocks.filter(({ language }) => language === 'sh').map(({ text }) => text) as
    [string, string, string]
  const folder = folderAfter(t, install, blocks)

  const env = ownEnvironment({
    BETTER_AUTH_SECRET: 'a secret of the test, longer than 32 bytes',
    DATABASE_URL: url,
    FRONTEND_URL: 'https://web.example.app',
    PORT: '0'
  })
  const address = await start(t, folder, env, steps)
  const ask = async (path: string, token?: string) => {
    const headers = new Headers({ origin: 'https://web.example.app' })
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    const response = await fetch(address + path, { headers })
    t.equal(response.headers.get('access-control-allow-origin'), 'https://web.example.app')
    return { status: response.status, body: await response.json() as unknown }
  }
  const here = calls.replaceAll('localhost:3000', new URL(address).host)
  t.match(await shell(folder, env, here), /^(\{"id":1,"userId":"ada","title":"Water the plants".*\})\[\1\]$/)
  const asBob = here.replaceAll('ada', 'bob').replace('Water', 'Cut')
  t.match(await shell(folder, env, asBob), /^(\{"id":2,"userId":"bob","title":"Cut the plants".*\})\[\1\]$/)
  const bob = await shell(folder, env, `${asBob.slice(0, asBob.indexOf('curl'))}echo "$TOKEN"`)
  t.match(await ask('/api/user/ada/tasks'), { status: 401, body: { detail: 'Missing token' } })
  t.match(await ask('/api/user/ada/tasks', bob), { status: 403, body: { detail: 'Forbidden' } })
})
