import t from 'tap'
import { gzipSync } from 'node:zlib'
import { fetchKeySet, maxKeySetBytes } from '../../lib/token/fetch-key-set.js'
import { hang, keySetServer, publish, status } from '../fixtures/key-set-server.js'
import type { Answer } from '../fixtures/key-set-server.js'

const never = new AbortController().signal

function body (text: string | Buffer): Answer {
  return (_request, response) => { response.end(text) }
}

t.test('the list of keys is answered as it came', async (t) => {
  const server = await keySetServer(t, publish({ kty: 'OKP' }, 7))
  t.strictSame(await fetchKeySet(new URL(server.url), never), [{ kty: 'OKP' }, 7])
})

t.test('a redirect is not followed', async (t) => {
  const target = await keySetServer(t, publish())
  for (const code of [301, 302, 303, 307, 308]) {
    const server = await keySetServer(t, status(code, { location: target.url }))
    await t.rejects(fetchKeySet(new URL(server.url), never), { message: `The key set came with status ${code}` })
  }
  t.equal(target.fetches, 0)
})

t.test('only 200 is an answer', async (t) => {
  for (const code of [201, 204, 304, 401, 404, 429, 500, 503]) {
    const server = await keySetServer(t, status(code))
    await t.rejects(fetchKeySet(new URL(server.url), never), { message: /status/ })
  }
})

const lies: Array<[string, Answer, RegExp]> = [
  ['a web page', body('<!doctype html><title>Sign in</title>'), /not JSON/],
  ['nothing', body(''), /not JSON/],
  ['cut short', body('{"keys":[{"kty"'), /not JSON/],
  ['null', body('null'), /no list named "keys"/],
  ['a list', body('[]'), /no list named "keys"/],
  ['keys that are an object', body('{"keys":{"0":{}}}'), /no list named "keys"/],
  ['bytes that are no UTF-8', body(Buffer.from([0x7b, 0xff, 0x7d])), /.*/],
  ['a connection that breaks off', (_request, response) => { response.write('{"keys":['); response.destroy() }, /.*/]
]
for (const [name, answer, message] of lies) {
  t.test(`a server that answers ${name} is not believed`, async (t) => {
    const server = await keySetServer(t, answer)
    await t.rejects(fetchKeySet(new URL(server.url), never), { message })
  })
}

t.test('a body that floods is cut off at the bound', async (t) => {
  let written = 0
  const server = await keySetServer(t, (_request, response) => {
    const chunk = 'x'.repeat(65_536)
    const more = (): void => {
      if (response.destroyed) return
      written += chunk.length
      response.write(chunk, more)
    }
    more()
  })
  await t.rejects(fetchKeySet(new URL(server.url), never), { message: `The key set is larger than ${maxKeySetBytes} bytes` })
  t.ok(written < 64 * 1024 * 1024)
})

t.test('a small body that unpacks to a large one is cut off too', async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20))
  t.ok(bomb.length < maxKeySetBytes)
  const server = await keySetServer(t, (_request, response) => { response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb) })
  await t.rejects(fetchKeySet(new URL(server.url), never), { message: /larger than/ })
})

t.test('the signal ends a server that hangs before its answer, and one that hangs within', async (t) => {
  const trickle: Answer = (_request, response) => { response.write('{"keys":') }
  for (const answer of [hang, trickle]) {
    const server = await keySetServer(t, answer)
    const controller = new AbortController()
    const fetched = fetchKeySet(new URL(server.url), controller.signal)
    await server.asked()
    controller.abort(new Error('enough'))
    await t.rejects(fetched, { message: 'enough' })
  }
})
