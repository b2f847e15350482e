import t from 'tap'
import type { FastifyRequest } from 'fastify'
import { createAuthenticate } from '../../lib/token/authenticate.js'
import { createTokenCache } from '../../lib/token/token-cache.js'
import type { Admit } from '../../lib/token/revocation.js'
import type { GenuineToken, Verify } from '../../lib/token/verifier.js'
import type { Authenticate } from '../../lib/types.js'
import { tokenRevoked } from '../../lib/token/challenge.js'

function request (authorization?: string): FastifyRequest {
  return { headers: { authorization }, raw: { rawHeaders: [] } } as unknown as FastifyRequest
}

const family = { isFresh: () => true } as unknown as GenuineToken['family']
const genuine = (): GenuineToken => ({ verified: { userId: 'ada', claims: { exp: 1 }, scopes: [], isAccessToken: false }, expiresAt: Date.now() + 60_000, family, key: { held: true, signed: () => true } })

function parts (verify: Verify = genuine, admit: Admit = (verified) => verified): Authenticate {
  return createAuthenticate({ verify, admit, cache: createTokenCache() })
}

t.test('from its second sight on a token is answered by the same object, unverified and without a promise', async (t) => {
  let verifications = 0
  const authenticate = parts(() => { verifications++; return genuine() })
  authenticate(request('Bearer a'))
  const second = authenticate(request('Bearer a'))
  for (let i = 0; i < 10; i++) t.equal(authenticate(request('Bearer a')), second)
  t.equal(verifications, 2)
})

t.test('what the verifier throws is not cache', async (t) => {
  let verifications = 0
  const authenticate = parts(() => { verifications++; throw new Error('no') })
  for (let i = 0; i < 3; i++) t.throws(() => authenticate(request('Bearer a')))
  t.equal(verifications, 3)
})

t.test('a token whose key has to be fetched is answered by a promise, then cache as any other', async (t) => {
  const authenticate = parts(async () => genuine())
  t.equal((await authenticate(request('Bearer a'))).userId, 'ada')
  await authenticate(request('Bearer a'))
  t.notOk(authenticate(request('Bearer a')) instanceof Promise)
})

t.test('revocation is asked on every use, cache or not', async (t) => {
  let revoked = false
  let asked = 0
  const authenticate = parts(genuine, (verified) => {
    asked++
    if (revoked) throw tokenRevoked()
    return verified
  })
  for (let i = 0; i < 4; i++) authenticate(request('Bearer a'))
  revoked = true
  t.throws(() => authenticate(request('Bearer a')), { code: 'FAI_TOKEN_REVOKED' })
  t.equal(asked, 5)
})

t.test('a request without a token is refused before anything is looked up', async (t) => {
  t.throws(() => parts()(request()), { code: 'FAI_MISSING_TOKEN' })
  t.throws(() => parts()(request('Basic x')), { code: 'FAI_MISSING_TOKEN' })
})
