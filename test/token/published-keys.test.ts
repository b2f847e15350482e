import t from 'tap'
import { generateKeyPairSync } from 'node:crypto'
import { createJwsReader } from '../../lib/token/compact-jws.js'
import { keySetAlgorithms, readPublishedKeys } from '../../lib/token/published-keys.js'
import { signer } from '../fixtures/asymmetric.js'

const readJws = createJwsReader()

t.test('the algorithms are the asymmetric ones, and none of them is HMAC', async (t) => {
  t.strictSame([...keySetAlgorithms].sort(), ['ES256', 'ES384', 'ES512', 'Ed25519', 'Ed448', 'EdDSA', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'])
})

for (const alg of keySetAlgorithms) {
  t.test(`a published ${alg} key verifies what its private half signed`, async (t) => {
    const issuer = signer(alg, 'k1')
    const [key] = readPublishedKeys([issuer.jwk])
    t.equal(key!.kid, 'k1')
    t.ok(key!.algorithms.has(alg))
    t.equal(key!.algorithms.size, alg.startsWith('Ed') ? 2 : 1)
    t.equal(key!.signed(readJws(issuer.token())), true)
    t.equal(key!.signed(readJws(signer(alg, 'k1').token())), false)
  })
}

t.test('without alg a curve serves its one algorithm, under each of its names, and RSA its six', async (t) => {
  const only = (alg: string): string[] => [...readPublishedKeys([signer(alg, 'k', { alg: undefined }).jwk])[0]!.algorithms]
  t.strictSame(only('ES256'), ['ES256'])
  t.strictSame(only('ES384'), ['ES384'])
  t.strictSame(only('EdDSA'), ['EdDSA', 'Ed25519'])
  t.strictSame(only('Ed448'), ['EdDSA', 'Ed448'])
  t.strictSame(only('RS256'), ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'])
})

const ed = signer('EdDSA', 'ed').jwk
const ec = signer('ES256', 'ec').jwk
const rsa = signer('RS256', 'rsa').jwk
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' })
const koblitz = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' })
const secretHalf = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
const passedOver: Array<[string, unknown]> = [
  ['null', null],
  ['a string', 'key'],
  ['a number', 7],
  ['a list', [ed]],
  ['no kty', { ...ed, kty: undefined }],
  ['an unknown kty', { ...ed, kty: 'AKP' }],
  ['a kty of another family', { ...ed, kty: 'EC' }],
  ['a symmetric key', { kty: 'oct', k: 'c2VjcmV0', alg: 'HS256' }],
  ['use: enc', { ...ed, use: 'enc' }],
  ['use: null', { ...ed, use: null }],
  ['key_ops without verify', { ...ed, key_ops: ['sign'] }],
  ['key_ops that is no list', { ...ed, key_ops: 'verify' }],
  ['a kid that is no text', { ...ed, kid: 7 }],
  ['an alg of another family', { ...ed, alg: 'RS256' }],
  ['an HMAC alg', { ...rsa, alg: 'HS256' }],
  ['alg none', { ...rsa, alg: 'none' }],
  ['an encryption alg', { ...rsa, alg: 'RSA-OAEP' }],
  ['an alg of another curve', { ...ec, alg: 'ES384' }],
  ['a curve that JWS has no algorithm for', x25519],
  ['secp256k1', { ...koblitz, alg: 'ES256' }],
  ['a curve named like a method', { ...ec, crv: 'constructor' }],
  ['a point off the curve', { ...ec, x: ec['y'] }],
  ['a coordinate cut short', { ...ed, x: String(ed['x']).slice(4) }],
  ['no coordinate', { ...ed, x: undefined }],
  ['a modulus of 1024 bits', { ...small, alg: 'RS256' }],
  ['a private key', secretHalf]
]
for (const [name, key] of passedOver) {
  t.test(`passed over without harm to the rest: ${name}`, async (t) => {
    const found = readPublishedKeys([key, rsa])
    t.strictSame(found.map(({ kid }) => kid), ['rsa'])
  })
}

t.test('use: sig and key_ops: verify are what a key should say', async (t) => {
  t.equal(readPublishedKeys([{ ...ed, use: 'sig', key_ops: ['verify'] }]).length, 1)
})

t.test('the same key listed twice is one key', async (t) => {
  t.equal(readPublishedKeys([ed, { ...ed }]).length, 1)
  t.equal(readPublishedKeys([ed, { ...ed, kid: 'other' }]).length, 2)
})
