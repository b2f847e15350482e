import t from 'tap'
import { generateKeyPairSync } from 'node:crypto'
import type { TokenOptions } from '../../lib/options.js'
import { parseSecrets, parseVersionedSecrets } from '../../lib/token/secrets.js'
import { retiredSecret, secret } from '../fixtures/tokens.js'

t.test('the option is taken as it is, alone or as a list', async (t) => {
  t.strictSame(parseSecrets({ secret }, {}), [secret])
  t.strictSame(parseSecrets({ secret: [secret, retiredSecret] }, {}), [secret, retiredSecret])
})

t.test('the environment counts only when neither a secret nor a key set is given', async (t) => {
  const env = { BETTER_AUTH_SECRET: retiredSecret }
  t.strictSame(parseSecrets({}, env), [retiredSecret])
  t.strictSame(parseSecrets({ secret }, env), [secret])
  t.strictSame(parseSecrets({ jwks: 'https://a.example' }, env), [])
  t.strictSame(parseSecrets({ secret, jwks: 'https://a.example' }, env), [secret])
})

t.test('BETTER_AUTH_SECRETS is read in Better Auth\'s format and stands before BETTER_AUTH_SECRET', async (t) => {
  t.strictSame(parseSecrets({}, { BETTER_AUTH_SECRETS: `2:${secret}, 1:${retiredSecret}`, BETTER_AUTH_SECRET: 'x' }), [secret, retiredSecret])
  t.throws(() => parseSecrets({}, { BETTER_AUTH_SECRETS: ' ', BETTER_AUTH_SECRET: secret }), { name: 'TypeError', message: /^BETTER_AUTH_SECRETS is blank: write it as 2:new,1:old, or unset it$/ })
  t.throws(() => parseSecrets({}, { BETTER_AUTH_SECRETS: `2:${secret},1:short` }), { message: /version 1 in BETTER_AUTH_SECRETS has 5 bytes/ })
  t.throws(() => parseSecrets({}, { BETTER_AUTH_SECRETS: `2:${secret},1:${secret}` }), { message: /BETTER_AUTH_SECRETS lists the same secret twice/ })
})

const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string
const jwk = JSON.stringify(generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }))
const refused: Array<[string, TokenOptions, RegExp]> = [
  ['nothing at all', {}, /nothing to verify tokens with/],
  ['an empty secret', { secret: '' }, /"secret" is blank/],
  ['a blank secret', { secret: ' '.repeat(40) }, /"secret" is blank/],
  ['31 bytes', { secret: 'x'.repeat(31) }, /31 bytes and HS256 needs at least 32/],
  ['white space before', { secret: ` ${secret}` }, /white space around it/],
  ['a line end behind, as from a file', { secret: `${secret}\n` }, /white space around it/],
  ['the published default', { secret: 'better-auth-secret-12345678901234567890' }, /published development default/],
  ['a PEM', { secret: pem.trim() }, /looks like a PEM or JWK/],
  ['a PEM within other text', { secret: `key: ${pem.trim()}` }, /looks like a PEM or JWK/],
  ['a JWK', { secret: jwk }, /looks like a PEM or JWK/],
  ['a key set', { secret: `{"keys":[${jwk}]}` }, /looks like a PEM or JWK/],
  ['a list of JWKs', { secret: `[${jwk}]` }, /looks like a PEM or JWK/],
  ['a lone surrogate', { secret: 'x'.repeat(40) + '\ud800' }, /not well-formed/],
  ['a number', { secret: 12345 as unknown as string }, /must be a string/],
  ['a buffer', { secret: Buffer.alloc(40) as unknown as string }, /must be a string/],
  ['an empty list', { secret: [] }, /empty list/],
  ['a bad one in a list', { secret: [secret, 'short'] }, /"secret" number 2 has 5 bytes/],
  ['the same twice', { secret: [secret, secret] }, /same secret twice/]
]
for (const [name, options, message] of refused) {
  t.test(`refused with a sentence: ${name}`, async (t) => {
    t.throws(() => parseSecrets(options, {}), { name: 'TypeError', message })
  })
}

t.test('a secret that starts with a brace and is no JSON is a secret', async (t) => {
  t.strictSame(parseSecrets({ secret: `{${secret}` }, {}), [`{${secret}`])
})

t.test('bytes count, not characters', async (t) => {
  t.strictSame(parseSecrets({ secret: 'ä'.repeat(16) }, {}), ['ä'.repeat(16)])
})

t.test('no message contains the secret', async (t) => {
  for (const [, options] of refused) {
    if (typeof options.secret !== 'string' || options.secret.trim().length < 5) continue
    try { parseSecrets(options, {}) } catch (error) { t.notOk((error as Error).message.includes(options.secret.trim())) }
  }
})

t.test('entries are read in their order, white space around them dropped', async (t) => {
  t.strictSame(parseVersionedSecrets('2:new, 1: old '), [{ version: 2, value: 'new' }, { version: 1, value: 'old' }])
})

t.test('a colon belongs to the secret', async (t) => {
  t.strictSame(parseVersionedSecrets('0:a:b:c'), [{ version: 0, value: 'a:b:c' }])
})

t.test('what is malformed is named by its position, never by its content', async (t) => {
  const wrong: Array<[string, RegExp]> = [
    ['2:new,hidden', /entry 2 must be/],
    ['2:new,', /entry 2 must be/],
    ['x:hidden', /entry 1 must be/],
    ['-1:hidden', /entry 1 must be/],
    ['1.5:hidden', /entry 1 must be/],
    ['2:new,1:', /entry 2 has no secret after version 1/],
    ['2:new,2:hidden', /entry 2 repeats version 2/],
    ['2:new,02:hidden', /entry 2 repeats version 2/]
  ]
  for (const [text, message] of wrong) {
    t.throws(() => parseVersionedSecrets(text), { name: 'TypeError', message })
    try { parseVersionedSecrets(text) } catch (error) { t.notMatch((error as Error).message, /hidden/) }
  }
})
