import t from 'tap'
import { createJwsReader } from '../../lib/token/compact-jws.js'
import { encode } from '../fixtures/tokens.js'

const good = encode({ a: 1 })

function read (header: unknown, payload = good, signature = 'c2ln'): unknown {
  return createJwsReader()(`${encode(header)}.${payload}.${signature}`).header
}

t.test('the header is read, whatever else it says', async (t) => {
  t.strictSame(read({ alg: 'HS256', typ: 'JWT', kid: 'k', x: 1 }), { alg: 'HS256', typ: 'jwt', kid: 'k' })
  t.strictSame(read({ alg: 'HS256' }), { alg: 'HS256', typ: undefined, kid: undefined })
})

t.test('the parts are those of RFC 7515 section 5.1', async (t) => {
  const header = encode({ alg: 'HS256' })
  const { payload, ...texts } = createJwsReader()(`${header}.${good}.c2ln`)
  t.strictSame(texts, { token: `${header}.${good}.c2ln`, header: { alg: 'HS256', typ: undefined, kid: undefined }, signingInput: `${header}.${good}`, signature: 'c2ln' })
  t.equal(payload.toString(), '{"a":1}')
})

const shapes = ['', '.', '..', '...', 'a', `${good}.${good}`, `${good}.${good}.`, `${good}..${good}`, `.${good}.${good}`,
  `${good}.${good}.${good}.${good}`, `${good}.${good}.${good}.${good}.${good}`, `${good}.${good}.a b`, `${good}.${good}.ab=`,
  `${good}.${good}.a+/b`, `${good}.${good}.a`, `${good}.${good}.abcde`, `${good}=.${good}.c2ln`, `${good}.${good}=.c2ln`]
for (const shape of shapes) {
  t.test(`${JSON.stringify(shape)} has not the shape of a token`, async (t) => {
    t.throws(() => createJwsReader()(shape), { code: 'FAI_INVALID_TOKEN', reason: 'malformed' })
  })
}

t.test('a second spelling of the same bytes is refused in every part', async (t) => {
  const header = encode({ alg: 'HS256', typ: 'JWT', k: 100 })
  t.equal(header.length % 4, 3)
  // Two bits of the last character are padding.
  const other = header.slice(0, -1) + String.fromCharCode(header.charCodeAt(header.length - 1) + 1)
  t.same(Buffer.from(other, 'base64url'), Buffer.from(header, 'base64url'))
  t.throws(() => createJwsReader()(`${other}.${good}.c2ln`), { code: 'FAI_INVALID_TOKEN', reason: 'malformed' })
  t.throws(() => createJwsReader()(`${header}.${other}.c2ln`), { code: 'FAI_INVALID_TOKEN', reason: 'malformed' })
  t.throws(() => createJwsReader()(`${header}.${good}.${other}`), { code: 'FAI_INVALID_TOKEN', reason: 'malformed' })
})

const headers: Array<[unknown, string]> = [
  ['not json', 'header_malformed'],
  ['', 'malformed'],
  ['[]', 'header_malformed'],
  ['null', 'header_malformed'],
  ['1', 'header_malformed'],
  ['"HS256"', 'header_malformed'],
  ['{"alg":"HS256"', 'header_malformed'],
  ['\ufeff{"alg":"HS256"}', 'header_malformed'],
  [{}, 'alg'],
  [{ alg: null }, 'alg'],
  [{ alg: ['HS256'] }, 'alg'],
  ['{"__proto__":{"alg":"HS256"}}', 'alg'],
  [{ alg: 'HS256', typ: null }, 'typ'],
  [{ alg: 'HS256', typ: ['JWT'] }, 'typ'],
  [{ alg: 'HS256', kid: 7 }, 'kid'],
  [{ alg: 'HS256', kid: null }, 'kid'],
  [{ alg: 'HS256', crit: [] }, 'header_crit'],
  [{ alg: 'HS256', crit: null }, 'header_crit'],
  [{ alg: 'HS256', crit: false }, 'header_crit'],
  [{ alg: 'HS256', crit: ['exp'] }, 'header_crit'],
  [{ alg: 'HS256', zip: 'DEF' }, 'header_zip'],
  [{ alg: 'dir', enc: 'A256GCM' }, 'header_enc'],
  [{ alg: 'HS256', b64: false }, 'header_b64']
]
for (const [header, reason] of headers) {
  t.test(`header ${typeof header === 'string' ? header : JSON.stringify(header)} is refused`, async (t) => {
    t.throws(() => read(header), { code: 'FAI_INVALID_TOKEN', reason })
  })
}

t.test('keys that a token names, and members that nobody knows, are ignored', async (t) => {
  for (const member of [{ jku: 'https://a.example' }, { jwk: {} }, { x5u: 'https://a.example' }, { x5c: ['MIIB'] }, { x5t: 'a' }, { cty: 'JWT' }, { cat: 'cl_B7d4PD111AAA' }, { nonce: 'a' }]) {
    t.strictSame(read({ alg: 'RS256', ...member }), { alg: 'RS256', typ: undefined, kid: undefined }, JSON.stringify(member))
  }
})

t.test('typ is a media type: without case, and with or without application/', async (t) => {
  const typ = (value: string) => (read({ alg: 'RS256', typ: value }) as { typ: string }).typ
  for (const value of ['JWT', 'jwt', 'application/jwt', 'Application/JWT']) t.equal(typ(value), 'jwt')
  for (const value of ['at+jwt', 'AT+JWT', 'application/at+jwt']) t.equal(typ(value), 'at+jwt')
  t.equal(typ('application/x/y'), 'application/x/y')
  t.equal(typ('application/'), 'application/')
  t.equal(typ(''), '')
})

t.test('bytes that are no UTF-8 are refused, not repaired', async (t) => {
  const broken = Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')
  t.throws(() => createJwsReader()(`${broken}.${good}.c2ln`), { code: 'FAI_INVALID_TOKEN', reason: 'header_malformed' })
  t.throws(() => read({ alg: 'HS256' }, broken), { code: 'FAI_INVALID_TOKEN', reason: 'payload_malformed' })
})

t.test('a header that repeats is parsed once, and the number kept is bounded', async (t) => {
  const readJws = createJwsReader()
  const token = `${encode({ alg: 'HS256' })}.${good}.c2ln`
  const first = readJws(token).header
  t.equal(readJws(token).header, first)
  for (let i = 0; i < 300; i++) readJws(`${encode({ alg: 'HS256', kid: `k${i}` })}.${good}.c2ln`)
  t.not(readJws(token).header, first)
  const long = `${encode({ alg: 'HS256', kid: 'k'.repeat(600) })}.${good}.c2ln`
  t.not(readJws(long).header, readJws(long).header)
})

t.test('8 KiB of near misses are judged in no time', async (t) => {
  const start = performance.now()
  for (let i = 0; i < 100; i++) t.throws(() => createJwsReader()(`${'A'.repeat(2700)}.${'A'.repeat(2700)}.${'A'.repeat(2700)}!`))
  t.ok(performance.now() - start < 2000)
})
