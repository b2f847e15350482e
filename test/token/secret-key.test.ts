import t from 'tap'
import { createJwsReader } from '../../lib/token/compact-jws.js'
import { createHs256Key } from '../../lib/token/secret-key.js'
import { hs256, now, retiredSecret, secret, token } from '../fixtures/tokens.js'

const key = createHs256Key(Buffer.from(secret))
const readJws = createJwsReader()

t.test('a token is signed by its secret, whatever its claims say', async (t) => {
  for (const text of [token(), token({ exp: now() - 5 }), token({ nbf: 9e15, exp: 'never' }), hs256({ alg: 'HS256' }, '[]'), hs256({ alg: 'HS256', kid: 'x' }, 'null')]) {
    t.equal(key.signed(readJws(text)), true)
  }
  t.equal(createHs256Key(Buffer.from('\u00fc'.repeat(16))).signed(readJws(token({}, '\u00fc'.repeat(16)))), true)
})

t.test('a token of another secret, with another signature or another payload is not', async (t) => {
  const good = token()
  const [header, payload, signature] = good.split('.') as [string, string, string]
  const forged = [
    token({}, retiredSecret),
    good.replace(/.{4}$/, 'AAAA'),
    `${header}.${payload}.${signature.slice(0, 40)}`,
    `${header}.${payload}.${signature}AAAA`,
    `${header}.${payload}.AAAA`,
    `${header}.${token({ user_id: 'eve' }).split('.')[1]}.${signature}`
  ]
  for (const text of forged) t.equal(key.signed(readJws(text)), false)
})

t.test('every single character of the signature counts', async (t) => {
  const good = token()
  const start = good.lastIndexOf('.') + 1
  // The last one stays: it has only sixteen canonical spellings.
  for (let i = start; i < good.length - 1; i++) {
    const other = good[i] === 'A' ? 'B' : 'A'
    t.equal(key.signed(readJws(good.slice(0, i) + other + good.slice(i + 1))), false)
  }
})

t.test('a header that names another algorithm is refused, though the HMAC were right', async (t) => {
  for (const alg of ['HS512', 'none', 'RS256', 'EdDSA', 'hs256']) {
    t.throws(() => key.signed(readJws(hs256({ alg }, { user_id: 'ada' }))), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
  }
})
