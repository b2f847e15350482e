import t from 'tap'
import { describeUnknownKey, refuseUnknownKeys } from '../../lib/internal/unknown-keys.js'

t.test('known keys pass, and so does an object without any', async (t) => {
  t.equal(describeUnknownKey({ a: 1, b: undefined }, ['a', 'b', 'c']), undefined)
  t.doesNotThrow(() => refuseUnknownKeys({}, []))
})

t.test('an unknown key is named with its place, those there are, and the nearest', async (t) => {
  t.equal(describeUnknownKey({ jwk: 1 }, ['jwks', 'secret']), '"jwk" is not an option; they are jwks, secret. Did you mean "jwks"?')
  t.equal(describeUnknownKey({ x: 1 }, ['jwks'], { of: 'userScope()' }), '"x" is not an option of userScope(); they are jwks.')
  t.equal(describeUnknownKey({ x: 1 }, ['maxAge'], { under: 'cors' }), '"cors.x" is not an option; they are maxAge.')
  t.throws(() => refuseUnknownKeys({ x: 1 }, ['y']), { name: 'TypeError', message: /^"x" is not an option/ })
})

t.test('what every object inherits is no known key', async (t) => {
  t.match(describeUnknownKey({ toString: 1 }, ['a']), /^"toString"/)
  t.match(describeUnknownKey(JSON.parse('{ "__proto__": 1 }'), ['a']), /^"__proto__"/)
})
