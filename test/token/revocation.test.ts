import t from 'tap'
import type { FastifyRequest } from 'fastify'
import type { TokenOptions } from '../../lib/options.js'
import { createAdmission } from '../../lib/token/revocation.js'

const request = {} as FastifyRequest
const verified = Object.freeze({ userId: 'ada', claims: Object.freeze({ exp: 1, jti: 'x' }), scopes: [], isAccessToken: false })
type IsRevoked = NonNullable<TokenOptions['isRevoked']>

t.test('without isRevoked a token goes through untouched', async (t) => {
  t.equal(createAdmission(undefined)(verified, request), verified)
})

t.test('false lets in, without a promise where isRevoked needs none', async (t) => {
  const seen: unknown[] = []
  const admit = createAdmission((claims, asked) => { seen.push(claims, asked); return false })
  t.equal(admit(verified, request), verified)
  t.equal(seen[0], verified.claims)
  t.equal(seen[1], request)
  t.equal(await createAdmission(async () => false)(verified, request), verified)
})

t.test('true is 401, awaited or not', async (t) => {
  t.throws(() => createAdmission(() => true)(verified, request), { code: 'FAI_TOKEN_REVOKED', reason: 'revoked' })
  await t.rejects(async () => await createAdmission(async () => true)(verified, request), { code: 'FAI_TOKEN_REVOKED' })
})

t.test('an exception is 503 and not access', async (t) => {
  const cause = new Error('redis is gone')
  t.throws(() => createAdmission(() => { throw cause })(verified, request), { code: 'FAI_REVOCATION_UNAVAILABLE', reason: 'revocation_failed', cause })
  await t.rejects(async () => await createAdmission(async () => { throw cause })(verified, request), { code: 'FAI_REVOCATION_UNAVAILABLE', reason: 'revocation_failed', cause })
})

t.test('an answer that is no boolean is 503 and not access', async (t) => {
  for (const answer of [undefined, null, 0, '', 'false', {}]) {
    t.throws(() => createAdmission((() => answer) as unknown as IsRevoked)(verified, request), { reason: 'revocation_answer', code: 'FAI_REVOCATION_UNAVAILABLE' })
    await t.rejects(async () => await createAdmission((async () => answer) as unknown as IsRevoked)(verified, request), { reason: 'revocation_answer', code: 'FAI_REVOCATION_UNAVAILABLE' })
  }
})

t.test('no answer in time is 503, and what comes later harms nobody', async (t) => {
  let fail: (error: Error) => void = () => {}
  const never = new Promise<boolean>((_resolve, reject) => { fail = reject })
  await t.rejects(async () => await createAdmission(() => never, 5)(verified, request), { code: 'FAI_REVOCATION_UNAVAILABLE', reason: 'revocation_timeout', headers: { 'retry-after': '1' } })
  fail(new Error('too late'))
})

t.test('an option that is no function is a sentence', async (t) => {
  t.throws(() => createAdmission(true as unknown as IsRevoked), { name: 'TypeError', message: /isRevoked/ })
})
