import t from 'tap'
import { createKeyRing } from '../../lib/token/key-ring.js'
import { readPublishedKeys } from '../../lib/token/published-keys.js'
import { signer } from '../fixtures/asymmetric.js'

const a = signer('EdDSA', 'a').jwk
const b = signer('EdDSA', 'b').jwk
const header = { alg: 'EdDSA', typ: undefined }

t.test('kid and alg together choose the key', async (t) => {
  const ring = createKeyRing(readPublishedKeys([a, b]))
  t.equal(ring.find({ ...header, kid: 'b' })!.kid, 'b')
  t.equal(ring.find({ ...header, kid: 'c' }), undefined)
  t.equal(ring.find({ ...header, kid: 'b', alg: 'ES256' }), undefined)
  t.equal(createKeyRing().find({ ...header, kid: 'a' }), undefined)
})

t.test('a token without kid is fine where one key fits, and refused where several do', async (t) => {
  const es = signer('ES256', 'e').jwk
  t.equal(createKeyRing(readPublishedKeys([a, es])).find({ ...header, kid: undefined })!.kid, 'a')
  t.throws(() => createKeyRing(readPublishedKeys([a, b])).find({ ...header, kid: undefined }), { code: 'FAI_INVALID_TOKEN', reason: 'kid_ambiguous' })
})

t.test('a key without kid does not answer to a name', async (t) => {
  const ring = createKeyRing(readPublishedKeys([{ ...a, kid: undefined }]))
  t.equal(ring.find({ ...header, kid: 'a' }), undefined)
  t.ok(ring.find({ ...header, kid: undefined }))
})

t.test('two different keys of one kid and alg are both refused, of different alg both usable', async (t) => {
  const twins = createKeyRing(readPublishedKeys([a, { ...b, kid: 'a' }]))
  t.throws(() => twins.find({ ...header, kid: 'a' }), { code: 'FAI_INVALID_TOKEN', reason: 'kid_ambiguous' })
  const mixed = createKeyRing(readPublishedKeys([a, signer('ES256', 'a').jwk]))
  t.ok(mixed.find({ ...header, kid: 'a' }))
  t.ok(mixed.find({ ...header, alg: 'ES256', kid: 'a' }))
})

t.test('a refresh that brings the same keys, in any order, leaves the ring as it is', async (t) => {
  const ring = createKeyRing(readPublishedKeys([a, b]))
  t.equal(ring.replacedBy(readPublishedKeys([b, a])), ring)
  t.equal(ring.find({ ...header, kid: 'a' })!.held, true)
})

t.test('a refresh that changes the set withdraws every key of the old one', async (t) => {
  const ring = createKeyRing(readPublishedKeys([a, b]))
  const old = ['a', 'b'].map((kid) => ring.find({ ...header, kid })!)
  const next = ring.replacedBy(readPublishedKeys([b, signer('EdDSA', 'c').jwk]))
  t.same(old.map(({ held }) => held), [false, false])
  t.equal(next.find({ ...header, kid: 'b' })!.held, true)
  t.equal(next.find({ ...header, kid: 'a' }), undefined)
  t.ok(next.find({ ...header, kid: 'c' }))
})

t.test('a kid whose key changed is another key', async (t) => {
  const ring = createKeyRing(readPublishedKeys([a]))
  const first = ring.find({ ...header, kid: 'a' })!
  const next = ring.replacedBy(readPublishedKeys([{ ...b, kid: 'a' }]))
  t.equal(first.held, false)
  t.not(next.find({ ...header, kid: 'a' }), first)
})
