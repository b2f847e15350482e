import t from 'tap'
import { parseClaimRules } from '../../lib/token/claims.js'
import { createKeySetFamily, createSecretFamily } from '../../lib/token/family.js'
import type { TokenFamily } from '../../lib/token/family.js'
import type { KeySet } from '../../lib/token/key-set.js'
import { createKeyRing } from '../../lib/token/key-ring.js'
import { readPublishedKeys } from '../../lib/token/published-keys.js'
import { createVerifier } from '../../lib/token/verifier.js'
import type { GenuineToken } from '../../lib/token/verifier.js'
import { signer } from '../fixtures/asymmetric.js'
import { hs256, now, retiredSecret, secret, token } from '../fixtures/tokens.js'

const issuer = signer('EdDSA', 'a')
const rsa = signer('RS256', 'r')
const ring = createKeyRing(readPublishedKeys([issuer.jwk, rsa.jwk]))
const held: KeySet = { keysFor: (header) => [ring.find(header)!].filter(Boolean), isFresh: () => true, close () {} }
const secretFamily = createSecretFamily([secret, retiredSecret], parseClaimRules({}, 'secret'))
const keySetFamily = createKeySetFamily(held, parseClaimRules({}, 'keySet'))

function verify (text: string, families: TokenFamily[] = [secretFamily, keySetFamily]): GenuineToken | Promise<GenuineToken> {
  return createVerifier(families)(text, Date.now())
}

t.test('both families verify at once, each with its own claim', async (t) => {
  t.equal((await verify(token({ user_id: 'ada', sub: 'eve' }))).verified.userId, 'ada')
  t.equal((await verify(token({}, retiredSecret))).verified.userId, 'ada')
  t.equal((await verify(issuer.token({ user_id: 'eve', sub: 'ada' }))).verified.userId, 'ada')
  t.equal((await verify(rsa.token())).verified.userId, 'ada')
})

t.test('a held key answers without a promise, a fetched one with', async (t) => {
  t.notOk(verify(issuer.token()) instanceof Promise)
  const later = createKeySetFamily({ ...held, keysFor: async (header) => [ring.find(header)!] }, parseClaimRules({}, 'keySet'))
  t.ok(verify(issuer.token(), [later]) instanceof Promise)
  t.equal((await verify(issuer.token(), [later])).key, ring.find({ alg: 'EdDSA', kid: 'a', typ: undefined }))
})

t.test('an algorithm outside the configured families is refused, none in any case', async (t) => {
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'hs256', 'HS256 ', 'HS256\u0000', 'ES256K', 'RSA-OAEP', 'dir', 'constructor']) {
    t.throws(() => verify(token({}, secret, { alg })), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
  }
  t.throws(() => verify(issuer.token(), [secretFamily]), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
  t.throws(() => verify(token(), [keySetFamily]), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
})

t.test('a payload that is no JSON object is refused, whatever its signature', async (t) => {
  for (const payload of ['[]', 'null', '1', '"x"', '{', '{"a":1}{', '\ufeff{"a":1}']) {
    t.throws(() => verify(hs256({ alg: 'HS256' }, payload)), { code: 'FAI_INVALID_TOKEN', reason: 'payload_malformed' })
  }
})

t.test('a public key is never an HMAC secret', async (t) => {
  const pem = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  for (const key of [pem, JSON.stringify(rsa.jwk), JSON.stringify({ keys: [rsa.jwk] }), rsa.jwk['n'] as string, issuer.jwk['x'] as string]) {
    t.throws(() => verify(token({}, key, { kid: 'r' })), { code: 'FAI_INVALID_TOKEN', reason: 'signature' })
  }
})

t.test('a token is never tried in a second family', async (t) => {
  // Signed with the secret, but says EdDSA: 32 bytes are no Ed25519 signature.
  t.throws(() => verify(hs256({ alg: 'EdDSA', kid: 'a' }, { user_id: 'ada', sub: 'ada', exp: now() + 60 })), { code: 'FAI_INVALID_TOKEN', reason: 'signature' })
})

t.test('the kid cannot lend one key\'s signature to another', async (t) => {
  t.throws(() => verify(signer('EdDSA', 'a').token()), { code: 'FAI_INVALID_TOKEN', reason: 'signature' })
  t.throws(() => verify(rsa.token({}, { kid: 'a' })), { code: 'FAI_INVALID_TOKEN', reason: 'signature' })
})

t.test('typ is absent or JWT in any case, and at+jwt for the key set only', async (t) => {
  t.doesNotThrow(() => verify(token({}, secret, { typ: 'jwt' })))
  for (const typ of ['', 'JWE', 'at+jwt', 'dpop+jwt', 'secevent+jwt', 'session']) {
    t.throws(() => verify(token({}, secret, { typ })), { code: 'FAI_INVALID_TOKEN', reason: 'typ' })
  }
  t.equal((await verify(issuer.token({}, { typ: 'at+jwt' }))).verified.userId, 'ada')
  t.equal((await verify(issuer.token({}, { typ: 'application/at+jwt' }))).verified.userId, 'ada')
  t.equal((await verify(issuer.token({}, { typ: 'JWT' }))).verified.userId, 'ada')
  t.throws(() => verify(issuer.token({}, { typ: 'logout+jwt' })), { code: 'FAI_INVALID_TOKEN', reason: 'typ' })
})

t.test('a fault that nobody foresaw is a token that could not be verified, not a 500', async (t) => {
  const broken: TokenFamily = { ...secretFamily, keysFor () { throw new RangeError('boom') } }
  t.throws(() => verify(token(), [broken]), { code: 'FAI_INVALID_TOKEN', reason: 'unverifiable', cause: { message: 'boom' } })
  const brokenKey = { held: true, signed () { throw new RangeError('boom') } }
  t.throws(() => verify(token(), [{ ...secretFamily, keysFor: () => [brokenKey] }]), { code: 'FAI_INVALID_TOKEN', reason: 'unverifiable' })
})
