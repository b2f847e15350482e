import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { openSync, closeSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { LoggerOptions } from '../../lib/logging/logger-options.js'

const script = fileURLToPath(new URL('../fixtures/logging-server.ts', import.meta.url))

async function start (t: Test, options: LoggerOptions = {}, stdout: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], { stdio: ['ignore', stdout, 'pipe', 'ipc'] })
  const errors = text(child.stderr!)
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
  })
  const [port] = await once(child, 'message') as [number]
  const get = async (query = ''): Promise<number> => (await fetch(`http://127.0.0.1:${port}/${query}`)).status
  const end = async (): Promise<{ code: number | null, errors: string }> => {
    const exit = once(child, 'exit')
    child.disconnect()
    const [code] = await exit as [number | null]
    return { code, errors: await errors }
  }
  return { child, get, end }
}

async function readerGoesAway (t: Test, child: ChildProcess): Promise<void> {
  const stdout = child.stdout!
  await once(stdout, 'data')
  stdout.destroy()
  await once(stdout, 'close')
  t.pass('the reader went away')
}

for (const [what, options] of [['JSON', {}], ['pretty', { pretty: true }]] as const) {
  t.test(`the server goes on answering when the reader of its output goes away: ${what}`, async (t) => {
    const { child, get, end } = await start(t, options)
    await readerGoesAway(t, child)
    for (let request = 0; request < 20; request++) t.equal(await get(), 200)
    t.strictSame(await end(), { code: 0, errors: '' })
  })
}

t.test('the server goes on answering when its output is closed from the start', { skip: process.platform === 'win32' && 'no /dev' }, async (t) => {
  // A descriptor opened for reading: every write fails with EBADF.
  const descriptor = openSync('/dev/null', 'r')
  t.teardown(() => closeSync(descriptor))
  const { get, end } = await start(t, {}, descriptor)
  t.equal(await get(), 200)
  t.equal(await get(), 200)
  t.equal((await end()).code, 0)
})

t.test('the server goes on answering when the disk is full', { skip: process.platform !== 'linux' && 'no /dev/full' }, async (t) => {
  const descriptor = openSync('/dev/full', 'w')
  t.teardown(() => closeSync(descriptor))
  const { get, end } = await start(t, {}, descriptor)
  t.equal(await get(), 200)
  t.equal(await get(), 200)
  t.strictSame(await end(), { code: 0, errors: '' })
})

t.test('the server goes on answering when the disk under its file is full', { skip: process.platform !== 'linux' && 'no /dev/full' }, async (t) => {
  const { get, end } = await start(t, { file: '/dev/full' })
  for (let request = 0; request < 3; request++) t.equal(await get(), 200)
  t.strictSame(await end(), { code: 0, errors: '' })
})

t.test('a line that a full disk cut off does not spoil the next one', async (t) => {
  const written: string[] = []
  const full = Object.assign(new Error('no space left'), { code: 'ENOSPC' })
  let room = Infinity
  const { fileOutput } = await t.mockImport<typeof import('../../lib/logging/output.js')>('../../lib/logging/output.js', {
    'node:fs': {
      openSync: () => 7,
      writeSync: (_descriptor: number, bytes: Buffer) => {
        if (room === 0) throw full
        const length = Math.min(room, bytes.length)
        room -= length
        written.push(bytes.subarray(0, length).toString())
        return length
      }
    }
  })
  const output = fileOutput('x.log')
  output.write('{"a":1}\n')
  room = 3
  output.write('{"b":2}\n')
  output.write('{"c":3}\n')
  room = Infinity
  output.write('{"d":4}\n')
  t.strictSame(written.join('').split('\n'), ['{"a":1}', '{"b', '{"d":4}', ''])
})

t.test('a reader who stalls stops no request, and then finds whole lines in order', { skip: process.platform === 'win32' && 'pipes block on Windows' }, async (t) => {
  const { child, get, end } = await start(t)
  // Far more than a pipe holds, far less than what may wait.
  for (let times = 1; times <= 60; times++) t.equal(await get(`?text=${'x'.repeat(1000)}&times=${times}`), 200)
  const lines = readLines(child)
  await lines.until((line) => line.number === 60)
  const numbers = lines.seen.map((line) => line.number).filter((number) => number !== undefined)
  t.strictSame(numbers, Array.from({ length: 60 }, (_, index) => index + 1))
  t.equal((await end()).code, 0)
})

t.test('what waits beyond 8 MiB is dropped, and counted', { skip: process.platform === 'win32' && 'pipes block on Windows' }, async (t) => {
  const { child, get, end } = await start(t)
  for (let request = 0; request < 30; request++) t.equal(await get(`?text=${'x'.repeat(1000)}&times=1000`), 200)
  const lines = readLines(child)
  const note = await lines.until((line) => line.dropped !== undefined)
  t.match(note, { level: 40, msg: /too slow/ })
  t.ok(Number(note.dropped) > 10)
  t.equal((await end()).code, 0)
})

function readLines (child: ChildProcess) {
  type Line = { number?: number, dropped?: number, msg: string }
  const seen: Line[] = []
  let rest = ''
  const until = async (wanted: (line: Line) => boolean): Promise<Line> => {
    for await (const chunk of child.stdout!.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop()!
      const lines: Line[] = parts.map((part) => JSON.parse(part))
      seen.push(...lines)
      const found = lines.find(wanted)
      if (found !== undefined) return found
    }
    throw new Error('the output ended')
  }
  return { seen, until }
}

// The first of the two 500s that the package set out to end: "[Errno 22] Invalid argument", an emoji on a Windows console.
t.test('regression: an emoji through a cp1252 console is valid text, and JSON gives it back', async (t) => {
  const { child, get, end } = await start(t)
  const emoji = 'erledigt 🎉 für Zoë'
  const chunks: Buffer[] = []
  child.stdout!.on('data', (chunk) => { chunks.push(chunk) })
  await get(`?text=${encodeURIComponent(emoji)}`)
  t.equal((await end()).code, 0)
  // Fatal: a byte that the code page has no character for, as UTF-8's 0x8f or 0x9d, would throw as the console did.
  const console1252 = new TextDecoder('windows-1252', { fatal: true }).decode(Buffer.concat(chunks))
  t.match(console1252, /^[\x20-\x7e\n]+$/, 'every byte means the same in every code page')
  const messages = console1252.trim().split('\n').map((line) => JSON.parse(line).msg)
  t.ok(messages.includes(emoji))
})
