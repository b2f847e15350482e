import t from 'tap'
import { errors } from '../../lib/errors.js'
import { invalidToken, keySetUnavailable, missingToken, revocationUnavailable, tokenExpired, tokenRevoked } from '../../lib/token/challenge.js'

t.test('a request without credentials is challenged without an error code', async (t) => {
  const error = missingToken('no_authorization')
  t.ok(error instanceof errors.MissingToken)
  t.match(error, { statusCode: 401, detail: 'Missing token', reason: 'no_authorization' })
  t.strictSame(error.headers, { 'www-authenticate': 'Bearer' })
})

t.test('a token that is not accepted is challenged with invalid_token, and the client reads no reason', async (t) => {
  for (const error of [invalidToken('signature'), tokenExpired(), tokenRevoked()]) {
    t.equal(error.statusCode, 401)
    t.strictSame(error.headers, { 'www-authenticate': 'Bearer error="invalid_token"' })
    t.match(error.detail, /^(Invalid token|Token expired)$/)
  }
  t.equal(tokenRevoked().detail, 'Invalid token')
})

t.test('the cause is kept for the log', async (t) => {
  const cause = new Error('underneath')
  t.equal(invalidToken('unverifiable', cause).cause, cause)
})

t.test('Retry-After is whole seconds, at least one', async (t) => {
  t.strictSame(keySetUnavailable('key_set_unavailable', 4.2).headers, { 'retry-after': '5' })
  t.strictSame(keySetUnavailable('key_set_unavailable', -3).headers, { 'retry-after': '1' })
  t.strictSame(revocationUnavailable('revocation_failed').headers, { 'retry-after': '1' })
})

t.test('no challenge can be changed for the requests after it', async (t) => {
  t.throws(() => { missingToken('x').headers!['www-authenticate'] = 'Basic' })
})
