import t from 'tap'
import { parseClaimRules } from '../../lib/token/claims.js'
import { createJwsReader } from '../../lib/token/compact-jws.js'
import { createKeySetFamily, createSecretFamily } from '../../lib/token/family.js'
import type { KeySet } from '../../lib/token/key-set.js'
import { retiredSecret, secret, token } from '../fixtures/tokens.js'

const header = { alg: 'HS256', typ: undefined, kid: undefined }

t.test('the secret family verifies HS256 with every listed secret, the current one first', async (t) => {
  const family = createSecretFamily([secret, retiredSecret], parseClaimRules({}, 'secret'))
  t.strictSame([...family.algorithms], ['HS256'])
  t.strictSame([...family.types], ['jwt'])
  const keys = await family.keysFor(header)
  const readJws = createJwsReader()
  t.strictSame(keys.map((key) => key.signed(readJws(token()))), [true, false])
  t.strictSame(keys.map((key) => key.signed(readJws(token({}, retiredSecret)))), [false, true])
  t.equal(family.isFresh(Date.now()), true)
})

t.test('the key-set family has no HMAC algorithm and asks its key set', async (t) => {
  const asked: unknown[] = []
  const keySet: KeySet = { keysFor: (header) => { asked.push(header); return [] }, isFresh: (now) => now === 7, close () {} }
  const family = createKeySetFamily(keySet, parseClaimRules({}, 'keySet'))
  t.notOk([...family.algorithms].some((alg) => alg.startsWith('HS')))
  t.ok(family.types.has('at+jwt'))
  t.strictSame(family.keysFor(header), [])
  t.strictSame(asked, [header])
  t.equal(family.isFresh(7), true)
  t.equal(family.isFresh(8), false)
})
