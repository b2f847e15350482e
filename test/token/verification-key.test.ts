import { createPublicKey } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import t from 'tap'
import { createJwsReader } from '../../lib/token/compact-jws.js'
import { createHs256Key, createPublicVerificationKey, type Algorithm } from '../../lib/token/verification-key.js'
import { signature, signer } from '../fixtures/asymmetric.js'
import { encode, hs256, now, retiredSecret, secret, token } from '../fixtures/tokens.js'

const readJws = createJwsReader()
const publicKey = (jwk: unknown) => createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })

for (const alg of ['EdDSA', 'ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const) {
  t.test(`an ${alg} key knows what it signed, whatever the claims say`, async (t) => {
    const issuer = signer(alg)
    const key = createPublicVerificationKey(publicKey(issuer.jwk), [alg])
    const good = issuer.token()
    for (const text of [good, issuer.token({ exp: now() - 5 }), issuer.token({ nbf: 9e15, exp: 'never' })]) t.equal(key.signed(readJws(text)), true)
    const [head, payload, sig] = good.split('.') as [string, string, string]
    const forged = [
      signer(alg).token(),
      good.replace(/.{4}$/, 'AAAA'),
      `${head}.${payload}.${sig.slice(0, 40)}`,
      `${head}.${payload}.${Buffer.from(sig, 'base64url').subarray(0, -1).toString('base64url')}`,
      `${head}.${payload}.AAAA`,
      `${head}.${payload}.${Buffer.alloc(Buffer.from(sig, 'base64url').length).toString('base64url')}`,
      `${head}.${encode({ sub: 'eve' })}.${sig}`,
      `${encode({ alg, kid: 'x' })}.${payload}.${sig}`
    ]
    for (const text of forged) t.equal(key.signed(readJws(text)), false, text.slice(-12))
  })
}

t.test('an Edwards key verifies under the old name and the new', async (t) => {
  const issuer = signer('EdDSA')
  const key = createPublicVerificationKey(publicKey(issuer.jwk), ['EdDSA', 'Ed25519'])
  for (const alg of ['EdDSA', 'Ed25519']) t.equal(key.signed(readJws(issuer.token({}, { alg }))), true)
})

t.test('an algorithm that is not the key\'s is refused before any signature is checked', async (t) => {
  const issuer = signer('RS256')
  const key = createPublicVerificationKey(publicKey(issuer.jwk), ['RS256'])
  for (const alg of ['PS256', 'RS512', 'ES256', 'HS256', 'constructor']) {
    t.throws(() => key.signed(readJws(issuer.token({}, { alg }))), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
  }
})

t.test('a signature of the other padding or of DER is none', async (t) => {
  const rsa = signer('RS256')
  const both = createPublicVerificationKey(publicKey(rsa.jwk), ['RS256', 'PS256'] satisfies Algorithm[])
  const input = `${encode({ alg: 'RS256' })}.${encode({ sub: 'ada' })}`
  t.equal(both.signed(readJws(`${input}.${signature('PS256', rsa.privateKey, input)}`)), false)
})

const hs256Key = createHs256Key(Buffer.from(secret))

t.test('a token is signed by its secret, whatever its claims say', async (t) => {
  for (const text of [token(), token({ exp: now() - 5 }), token({ nbf: 9e15, exp: 'never' }), hs256({ alg: 'HS256' }, '[]'), hs256({ alg: 'HS256', kid: 'x' }, 'null')]) {
    t.equal(hs256Key.signed(readJws(text)), true)
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
  for (const text of forged) t.equal(hs256Key.signed(readJws(text)), false)
})

t.test('every single character of the signature counts', async (t) => {
  const good = token()
  const start = good.lastIndexOf('.') + 1
  // The last one stays: it has only sixteen canonical spellings.
  for (let i = start; i < good.length - 1; i++) {
    const other = good[i] === 'A' ? 'B' : 'A'
    t.equal(hs256Key.signed(readJws(good.slice(0, i) + other + good.slice(i + 1))), false)
  }
})

t.test('a header that names another algorithm is refused, though the HMAC were right', async (t) => {
  for (const alg of ['HS512', 'none', 'RS256', 'EdDSA', 'hs256']) {
    t.throws(() => hs256Key.signed(readJws(hs256({ alg }, { user_id: 'ada' }))), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
  }
})
