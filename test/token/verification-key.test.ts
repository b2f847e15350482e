import { createPublicKey } from 'node:crypto'
import type { JsonWebKey } from 'node:crypto'
import t from 'tap'
import { createJwsReader } from '../../lib/token/compact-jws.js'
import type { CompactJws } from '../../lib/token/compact-jws.js'
import { createVerificationKey } from '../../lib/token/verification-key.js'
import { signature, signer } from '../fixtures/asymmetric.js'
import { encode, now } from '../fixtures/tokens.js'

const issuer = signer('EdDSA')
const pem = createPublicKey({ key: issuer.jwk as JsonWebKey, format: 'jwk' }).export({ type: 'spki', format: 'pem' }) as string
const key = createVerificationKey(pem, ['EdDSA'])
const readJws = createJwsReader()

function withPayload (payload: string): CompactJws {
  const input = `${encode({ alg: 'EdDSA' })}.${encode(payload)}`
  return readJws(`${input}.${signature('EdDSA', issuer.privateKey, input)}`)
}

t.test('a token that the key signed is told, whatever its dates say', async (t) => {
  t.equal(key.signed(readJws(issuer.token())), true)
  t.equal(key.signed(readJws(issuer.token({ exp: now() - 5 }))), true)
  t.equal(key.signed(readJws(issuer.token({ nbf: 9e15, exp: 'never' }))), true)
})

t.test('a token that it did not sign is told too', async (t) => {
  t.equal(key.signed(readJws(signer('EdDSA').token())), false)
  t.equal(key.signed(readJws(issuer.token().replace(/.{4}$/, 'AAAA'))), false)
  t.equal(key.signed(readJws(issuer.token().slice(0, -42))), false)
})

t.test('an algorithm that is not the key\'s is refused', async (t) => {
  t.throws(() => key.signed(readJws(issuer.token({}, { alg: 'ES256' }))), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
})

t.test('a payload that is no JSON object is refused', async (t) => {
  for (const payload of ['[]', 'null', '1', '"x"', '{', '{"a":1}{']) {
    t.throws(() => key.signed(withPayload(payload)), { code: 'FAI_INVALID_TOKEN', reason: 'payload_malformed' })
  }
})

t.test('whatever else the library throws is a token that could not be verified', async (t) => {
  const jws = readJws(issuer.token())
  t.throws(() => key.signed({ ...jws, token: undefined as unknown as string }), { code: 'FAI_INVALID_TOKEN', reason: 'unverifiable' })
  t.throws(() => key.signed({ ...jws, token: `${encode({ alg: 'none' })}.${encode({ sub: 'ada' })}.c2ln` }), { code: 'FAI_INVALID_TOKEN', reason: 'unverifiable' })
})
