import t from 'tap'
import { createVerificationKey } from '../../lib/token/verification-key.js'
import { encode, hs256, now, retiredSecret, secret, token } from '../fixtures/tokens.js'

const key = createVerificationKey(secret, ['HS256'])

t.test('the payload of a token that the key signed is answered, whatever its dates say', async (t) => {
  t.match(key.payloadOf(token(), 'HS256'), { user_id: 'ada' })
  t.match(key.payloadOf(token({ exp: now() - 5 }), 'HS256'), { user_id: 'ada' })
  t.match(key.payloadOf(token({ nbf: 9e15, exp: 'never' }), 'HS256'), { user_id: 'ada' })
})

t.test('a token that it did not sign has no payload', async (t) => {
  t.equal(key.payloadOf(token({}, retiredSecret), 'HS256'), undefined)
  t.equal(key.payloadOf(token().replace(/.{4}$/, 'AAAA'), 'HS256'), undefined)
  t.equal(key.payloadOf(token().slice(0, -40), 'HS256'), undefined)
})

t.test('an algorithm that is not the key\'s is refused', async (t) => {
  t.throws(() => key.payloadOf(token(), 'HS512'), { code: 'FAI_INVALID_TOKEN', reason: 'alg' })
})

t.test('a payload that is no JSON object is refused whatever its signature', async (t) => {
  for (const payload of ['[]', 'null', '1', '"x"', '{', '', '{"a":1}{']) {
    t.throws(() => key.payloadOf(hs256({ alg: 'HS256' }, payload), 'HS256'), { code: 'FAI_INVALID_TOKEN', reason: 'payload_malformed' })
  }
})

t.test('whatever else the library throws is a token that could not be verified', async (t) => {
  const foreign = `${encode({ alg: 'none' })}.${encode({ user_id: 'ada' })}.c2ln`
  t.throws(() => key.payloadOf(foreign, 'HS256'), { code: 'FAI_INVALID_TOKEN', reason: 'unverifiable' })
  t.throws(() => key.payloadOf(undefined as unknown as string, 'HS256'), { code: 'FAI_INVALID_TOKEN', reason: 'unverifiable' })
})
