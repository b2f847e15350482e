import t from 'tap'
import type { KeySetOptions } from '../../lib/options.js'
import { parseKeySetOptions, type KeySetSettings } from '../../lib/token/key-set-options.js'
import { signer } from '../fixtures/asymmetric.js'

const parse = (jwks: Parameters<typeof parseKeySetOptions>[0]): KeySetSettings => parseKeySetOptions(jwks) as KeySetSettings

t.test('a URL alone gets the default times, in milliseconds', async (t) => {
  for (const jwks of ['https://a.example/jwks', new URL('https://a.example/jwks'), { url: 'https://a.example/jwks' }]) {
    const { source, load, ...times } = parse(jwks)
    t.equal(source, 'https://a.example/jwks')
    t.strictSame(times, { refreshInterval: 600_000, cooldown: 5000, timeout: 5000, maxStale: 86_400_000 })
  }
})

t.test('times are given in seconds', async (t) => {
  const { source, load, ...times } = parse({ url: 'https://a.example', refreshInterval: 60, cooldown: 0.5, timeout: 1, maxStale: 3600 })
  t.strictSame(times, { refreshInterval: 60_000, cooldown: 500, timeout: 1000, maxStale: 3_600_000 })
})

t.test('http is for loopback only', async (t) => {
  for (const url of ['http://localhost:3000/jwks', 'http://127.0.0.1/jwks', 'http://127.8.9.1/jwks', 'http://[::1]:3000/jwks', 'http://2130706433/jwks']) {
    t.equal(parse(url).source, new URL(url).href)
  }
})

t.test('a key set may be given whole, and must have a key that verifies', async (t) => {
  const { jwk } = signer('ES256', 'a')
  const parsed = parseKeySetOptions({ keys: [jwk, { kty: 'oct' }] })
  t.match(parsed, [{ kid: 'a', held: true }])
  t.equal((parsed as unknown[]).length, 1)
  for (const keys of [[], [{ kty: 'oct', k: 'c2VjcmV0' }], undefined, 'x', {}]) {
    t.throws(() => parseKeySetOptions({ keys } as never), { name: 'TypeError', message: /"jwks\.keys" must be a list with a public key/ })
  }
  t.throws(() => parseKeySetOptions({ keys: [jwk], cooldown: 5 } as never), { message: /"jwks\.cooldown" is not an option; they are keys/ })
})

t.test('a function is asked when the set is loaded, and what it returns is checked', async (t) => {
  const { jwk } = signer('ES256', 'a')
  const never = new AbortController().signal
  t.strictSame(await parse(() => ({ keys: [jwk] })).load(never), [jwk])
  t.strictSame(await parse(async () => ({ keys: [jwk] })).load(never), [jwk])
  for (const wrong of [undefined, null, {}, [], { keys: {} }, 'x']) {
    await t.rejects(parse(() => wrong as never).load(never), { message: /no list named "keys"/ })
  }
  await t.rejects(parse(() => { throw new Error('no database') }).load(never), { message: 'no database' })
  const controller = new AbortController()
  const hanging = parse(async () => await new Promise(() => {})).load(controller.signal)
  controller.abort(new Error('took longer'))
  await t.rejects(hanging, { cause: { message: 'took longer' } })
})

const refused: Array<[unknown, RegExp]> = [
  ['http://auth.example.com/jwks', /https URL.*http:\/\/auth\.example\.com/],
  ['http://127.0.0.1.evil.example/jwks', /https URL/],
  ['http://localhost.evil.example/jwks', /https URL/],
  ['http://0.0.0.0/jwks', /https URL/],
  ['http://10.0.0.1/jwks', /https URL/],
  ['http://[::ffff:10.0.0.1]/jwks', /https URL/],
  ['file:///etc/jwks', /https URL/],
  ['data:application/json,{}', /https URL/],
  ['/api/auth/jwks', /absolute URL/],
  ['', /absolute URL/],
  [{ url: undefined }, /absolute URL/],
  ['https://user:password@a.example/jwks', /user name or password/],
  [7, /"jwks" must be a URL/],
  [null, /"jwks" must be a URL/],
  [{ url: 'https://a.example', cacheMaxAge: 5 }, /"jwks\.cacheMaxAge" is not an option; they are url, refreshInterval/],
  [{ url: 'https://a.example', timeout: 0 }, /"jwks\.timeout" must be a number of seconds/],
  [{ url: 'https://a.example', cooldown: -1 }, /"jwks\.cooldown"/],
  [{ url: 'https://a.example', refreshInterval: Number.NaN }, /"jwks\.refreshInterval"/],
  [{ url: 'https://a.example', maxStale: Number.POSITIVE_INFINITY }, /"jwks\.maxStale"/],
  [{ url: 'https://a.example', timeout: '5' }, /"jwks\.timeout"/]
]
for (const [jwks, message] of refused) {
  t.test(`refused with a sentence: ${JSON.stringify(jwks)}`, async (t) => {
    t.throws(() => parseKeySetOptions(jwks as KeySetOptions), { name: 'TypeError', message })
  })
}
