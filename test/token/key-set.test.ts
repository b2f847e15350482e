import t from 'tap'
import type { Test } from 'tap'
import { createGivenKeySet, createKeySet } from '../../lib/token/key-set.js'
import type { KeySet } from '../../lib/token/key-set.js'
import { parseKeySetOptions, type KeySetSettings } from '../../lib/token/key-set-options.js'
import { readPublishedKeys } from '../../lib/token/published-keys.js'
import type { KeySetOptions } from '../../lib/options.js'
import { signer } from '../fixtures/asymmetric.js'
import { hang, keySetServer, publish, status } from '../fixtures/key-set-server.js'
import type { Answer, KeySetServer } from '../fixtures/key-set-server.js'

const a = signer('EdDSA', 'a')
const b = signer('EdDSA', 'b')
const header = (kid: string): { alg: string, typ: undefined, kid: string } => ({ alg: 'EdDSA', typ: undefined, kid })

interface Scene {
  server: KeySetServer
  keySet: KeySet
  failures: unknown[]
  /** Seconds from now on. */
  pass (seconds: number): void
  /** Resolves when the background fetch has been dealt with. */
  settled (): Promise<void>
}

/** A key set in front of a server, on a clock of its own. */
async function scene (t: Test, answer: Answer, options: Partial<KeySetOptions> = {}): Promise<Scene> {
  const server = await keySetServer(t, answer)
  let clock = Date.now()
  t.intercept(Date, 'now', { value: () => clock })
  const failures: unknown[] = []
  const keySet = createKeySet(parseKeySetOptions({ ...options, url: server.url }) as KeySetSettings, (error) => failures.push(error))
  t.teardown(() => keySet.close())
  return {
    server,
    keySet,
    failures,
    pass (seconds) { clock += seconds * 1000 },
    // A kid that nobody has joins the fetch that is under way.
    async settled () { await Promise.resolve(keySet.keysFor(header('nobody'))).catch(() => {}) }
  }
}

async function outcome (keySet: KeySet, kid: string): Promise<string> {
  try {
    const keys = await keySet.keysFor(header(kid))
    return `${keys.length} key`
  } catch (error) {
    return (error as { reason: string }).reason
  }
}

t.test('nothing is fetched before the first token, and a hundred at once make one fetch', async (t) => {
  const { server, keySet } = await scene(t, publish(a.jwk))
  t.equal(server.fetches, 0)
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => outcome(keySet, 'a')))
  t.ok(outcomes.every((text) => text === '1 key'))
  t.equal(server.fetches, 1)
})

t.test('a key that is held is answered without a promise', async (t) => {
  const { keySet } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  t.notOk(keySet.keysFor(header('a')) instanceof Promise)
})

t.test('a flood of invented kids at a cold start makes one fetch in a cooldown', async (t) => {
  const { server, keySet, pass } = await scene(t, publish(a.jwk))
  const flood = (): Promise<string[]> => Promise.all(Array.from({ length: 200 }, (_, i) => outcome(keySet, `invented${i}`)))
  t.ok((await flood()).every((text) => text === 'kid_unknown'))
  await flood()
  await flood()
  t.equal(server.fetches, 1)
  pass(4.9)
  await flood()
  t.equal(server.fetches, 1)
  pass(0.2)
  await flood()
  t.equal(server.fetches, 2)
  t.equal(await outcome(keySet, 'a'), '1 key')
  t.equal(server.fetches, 2)
})

t.test('a new key is found at once after a rotation, old ones go on while they are published', async (t) => {
  const { server, keySet } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  server.answer = publish(a.jwk, b.jwk)
  t.equal(await outcome(keySet, 'b'), '1 key')
  t.equal(await outcome(keySet, 'a'), '1 key')
  t.equal(server.fetches, 2)
})

t.test('the set is refreshed in the background, without making anyone wait', async (t) => {
  const { server, keySet, pass, settled } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  pass(599)
  t.equal(keySet.isFresh(Date.now()), true)
  t.equal(server.fetches, 1)
  pass(2)
  server.answer = publish(b.jwk)
  t.notOk(keySet.keysFor(header('a')) instanceof Promise, 'the held key answers meanwhile')
  t.notOk(keySet.keysFor(header('a')) instanceof Promise)
  await settled()
  t.equal(server.fetches, 2)
  t.equal(await outcome(keySet, 'b'), '1 key')
})

t.test('a use of a remembered token triggers the refresh too, and a withdrawn key is no longer held', async (t) => {
  const { server, keySet, pass, settled } = await scene(t, publish(a.jwk, b.jwk))
  const [key] = await keySet.keysFor(header('a'))
  pass(601)
  server.answer = publish(b.jwk)
  t.equal(keySet.isFresh(Date.now()), true)
  await settled()
  t.equal(server.fetches, 2)
  t.equal(key!.held, false)
  t.equal(await outcome(keySet, 'a'), 'kid_unknown')
  t.equal(await outcome(keySet, 'b'), '1 key')
})

t.test('an issuer that cannot be reached is 503, asked once in a cooldown, and heals', async (t) => {
  const { server, keySet, failures, pass } = await scene(t, status(500))
  await t.rejects(async () => await keySet.keysFor(header('a')), { code: 'FAI_KEY_SET_UNAVAILABLE', headers: { 'retry-after': '5' } })
  pass(3.5)
  t.throws(() => keySet.keysFor(header('a')), { code: 'FAI_KEY_SET_UNAVAILABLE', headers: { 'retry-after': '2' } })
  t.equal(server.fetches, 1)
  pass(2)
  server.answer = publish(a.jwk)
  t.equal(await outcome(keySet, 'a'), '1 key')
  t.equal(server.fetches, 2)
  t.equal(failures.length, 1)
  t.match(failures[0], { message: /status 500/ })
})

t.test('during an outage the keys held serve, an unknown kid is 401, and failed fetches count', async (t) => {
  const { server, keySet, pass } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  server.answer = status(503)
  for (let i = 0; i < 50; i++) t.equal(await outcome(keySet, `invented${i}`), 'kid_unknown')
  t.equal(server.fetches, 2)
  t.equal(await outcome(keySet, 'a'), '1 key')
  pass(6)
  t.equal(await outcome(keySet, 'invented'), 'kid_unknown')
  t.equal(server.fetches, 3)
})

t.test('background refreshes that fail wait for the cooldown as well', async (t) => {
  const { server, keySet, pass, settled } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  server.answer = status(500)
  pass(601)
  keySet.isFresh(Date.now())
  await settled()
  for (let i = 0; i < 50; i++) t.equal(keySet.isFresh(Date.now()), true)
  t.equal(server.fetches, 2)
  pass(5.1)
  keySet.isFresh(Date.now())
  await settled()
  t.equal(server.fetches, 3)
})

t.test('keys are given up maxStale after the last good fetch', async (t) => {
  const { server, keySet, pass } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  server.answer = status(500)
  pass(86_400)
  t.equal(keySet.isFresh(Date.now()), true)
  t.equal(await outcome(keySet, 'a'), '1 key')
  pass(10)
  t.equal(keySet.isFresh(Date.now()), false)
  t.equal(await outcome(keySet, 'a'), 'key_set_unavailable')
  pass(10)
  server.answer = publish(a.jwk)
  t.equal(await outcome(keySet, 'a'), '1 key')
})

t.test('a hanging issuer is given up after the time-out', async (t) => {
  const { server, keySet, failures } = await scene(t, hang, { timeout: 0.05 })
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => outcome(keySet, 'a')))
  t.ok(outcomes.every((text) => text === 'key_set_unavailable'))
  t.equal(server.fetches, 1)
  t.match(failures[0], { message: 'The key set took longer than 0.05 seconds' })
})

t.test('closing gives up the fetch that is under way', async (t) => {
  const { server, keySet } = await scene(t, hang)
  const asked = server.asked()
  const waiting = outcome(keySet, 'a')
  await asked
  keySet.close()
  t.equal(await waiting, 'key_set_unavailable')
})

t.test('a well-formed set without keys withdraws them all', async (t) => {
  const { server, keySet, pass, settled } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  server.answer = publish()
  pass(601)
  keySet.isFresh(Date.now())
  await settled()
  t.equal(await outcome(keySet, 'a'), 'kid_unknown')
})

t.test('a lie is not a set: keys held stay', async (t) => {
  const { server, keySet, pass, settled } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  for (const answer of [status(302, { location: '/other' }), status(404), ((_q, r) => { r.end('<html>') }) as Answer]) {
    server.answer = answer
    pass(601)
    keySet.isFresh(Date.now())
    await settled()
    t.equal(await outcome(keySet, 'a'), '1 key')
  }
})

t.test('a clock that is set back neither stops refreshes nor stretches a cooldown', async (t) => {
  const { server, keySet, pass, settled } = await scene(t, publish(a.jwk))
  await outcome(keySet, 'a')
  pass(-3600)
  t.equal(keySet.isFresh(Date.now()), true)
  await settled()
  t.equal(server.fetches, 2)
  server.answer = status(500)
  await outcome(keySet, 'invented')
  const failed = server.fetches
  pass(-3600)
  await outcome(keySet, 'invented')
  t.equal(server.fetches, failed + 1)
})

t.test('a set that was given whole finds its keys without a promise, and no other', async (t) => {
  const keySet = createGivenKeySet(readPublishedKeys([a.jwk]))
  t.match(keySet.keysFor(header('a')), [{ kid: 'a' }])
  t.throws(() => keySet.keysFor(header('b')), { code: 'FAI_INVALID_TOKEN', reason: 'kid_unknown' })
  t.equal(keySet.isFresh(Number.MAX_SAFE_INTEGER), true)
  keySet.close()
})
