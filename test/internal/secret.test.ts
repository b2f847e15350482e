import t from 'tap'
import { checkSecret } from '../../lib/internal/secret.js'

t.test('a random text of 32 bytes is a secret, and stays as it is', async (t) => {
  const secret = 'é'.repeat(16)
  t.equal(checkSecret(secret, 'SECRET'), secret)
})

t.test('what everybody can know or guess is refused under the name it was given by', async (t) => {
  const refused: Array<[unknown, RegExp]> = [
    [undefined, /must be a string/],
    [' ', /is blank: make one with: openssl/],
    [`${'x'.repeat(32)}\n`, /white space around it/],
    ['better-auth-secret-12345678901234567890', /published development default/],
    ['-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA', /PEM or JWK key/],
    ['{"kty":"OKP","crv":"Ed25519","x":"abc"}', /PEM or JWK key/],
    ['x'.repeat(31), /has 31 bytes and HS256 needs at least 32/],
    [`\ud800${'x'.repeat(32)}`, /not well-formed Unicode/]
  ]
  for (const [secret, message] of refused) t.throws(() => checkSecret(secret, 'SECRET'), { name: 'TypeError', message })
  for (const [secret] of refused) t.throws(() => checkSecret(secret, 'SECRET'), { message: /^SECRET / })
})
