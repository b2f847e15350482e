import t from 'tap'
import { createTokenCache } from '../../lib/token/token-cache.js'
import type { TokenCache } from '../../lib/token/token-cache.js'
import type { GenuineToken } from '../../lib/token/verifier.js'

function genuine (expiresAt = 1000): GenuineToken & { fresh: boolean } {
  const token = {
    verified: { userId: 'ada', claims: { exp: 1 }, scopes: [], isAccessToken: false },
    expiresAt,
    key: { held: true, signed: () => true },
    fresh: true,
    family: { isFresh: () => token.fresh } as unknown as GenuineToken['family']
  }
  return token
}

function remember (tokens: TokenCache, authorization: string, token: GenuineToken): void {
  tokens.note(authorization, token)
  tokens.note(authorization, token)
}

t.test('a token is kept from its second sight on', async (t) => {
  const tokens = createTokenCache()
  const token = genuine()
  tokens.note('Bearer a', token)
  t.equal(tokens.find('Bearer a', 0), undefined)
  t.equal(tokens.size, 0)
  tokens.note('Bearer a', token)
  t.equal(tokens.find('Bearer a', 0), token)
})

t.test('the whole value is the key', async (t) => {
  const tokens = createTokenCache()
  const signature = 's'.repeat(43)
  remember(tokens, `Bearer h.p.${signature}`, genuine())
  for (const other of [`Bearer h.q.${signature}`, `Bearer h.p.${signature}x`, `bearer h.p.${signature}`, `Bearer h.p.${signature} `]) {
    t.equal(tokens.find(other, 0), undefined)
  }
})

t.test('the whole value counts for a token that has grown old too', async (t) => {
  const signature = 's'.repeat(43)
  const tokens = createTokenCache(4)
  const token = genuine()
  remember(tokens, `Bearer h.p.${signature}`, token)
  for (const other of ['a', 'b']) remember(tokens, `Bearer h.p.${other.repeat(43)}`, genuine())
  t.equal(tokens.find(`Bearer h.FORGED.${signature}`, 0), undefined)
  t.equal(tokens.find(`Bearer h.p.${signature}`, 0), token)
})

t.test('of two values that end alike the later is kept', async (t) => {
  const tokens = createTokenCache()
  const signature = 's'.repeat(43)
  const [one, other] = [genuine(), genuine()]
  remember(tokens, `Bearer h.p.${signature}`, one)
  remember(tokens, `bearer h.p.${signature}`, other)
  t.equal(tokens.find(`Bearer h.p.${signature}`, 0), undefined)
  t.equal(tokens.find(`bearer h.p.${signature}`, 0), other)
})

t.test('exp is looked at on every use', async (t) => {
  const tokens = createTokenCache()
  remember(tokens, 'Bearer a', genuine(1000))
  t.ok(tokens.find('Bearer a', 999))
  t.equal(tokens.find('Bearer a', 1000), undefined)
  t.equal(tokens.size, 0)
})

t.test('a token is forgotten when its key is withdrawn or its keys are too old', async (t) => {
  const tokens = createTokenCache()
  const withdrawn = genuine()
  remember(tokens, 'Bearer a', withdrawn)
  withdrawn.key.held = false
  t.equal(tokens.find('Bearer a', 0), undefined)
  const stale = genuine()
  remember(tokens, 'Bearer b', stale)
  stale.fresh = false
  t.equal(tokens.find('Bearer b', 0), undefined)
  t.equal(tokens.size, 0)
})

t.test('the number kept is bounded, and what is used stays longest', async (t) => {
  const tokens = createTokenCache(100)
  remember(tokens, 'Bearer used', genuine())
  for (let i = 0; i < 10_000; i++) {
    remember(tokens, `Bearer ${i}`, genuine())
    if (i % 20 === 0) tokens.find('Bearer used', 0)
    if (tokens.size > 100) t.fail('too many')
  }
  t.ok(tokens.find('Bearer used', 0))
  t.equal(tokens.find('Bearer 1', 0), undefined)
  t.ok(tokens.find('Bearer 9999', 0))
})

t.test('tokens that are seen once are not kept', async (t) => {
  const tokens = createTokenCache()
  for (let i = 0; i < 100_000; i++) tokens.note(`Bearer ${i}.${i * 7919}.${i * 104_729}`, genuine())
  t.ok(tokens.size < 100, `${tokens.size} kept by collision`)
})
