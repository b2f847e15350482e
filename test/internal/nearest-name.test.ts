import t from 'tap'
import { didYouMean, nearestName } from '../../lib/internal/nearest-name.js'

t.test('the nearest name is the one with the fewest slips', async (t) => {
  t.equal(nearestName('acountId', ['account', 'accountId', 'id']), 'accountId')
  t.equal(nearestName('auht', ['auth', 'oauth']), 'auth')
  t.equal(nearestName('ID', ['id']), 'id')
  t.equal(nearestName('/helth', ['/heath', '/health']), '/heath')
})

t.test('what is far away, or the name itself, is not meant', async (t) => {
  t.equal(nearestName('path', ['auth']), undefined)
  t.equal(nearestName('rateLimit', ['auth']), undefined)
  t.equal(nearestName('id', ['id']), undefined)
  t.equal(nearestName('x', []), undefined)
  t.equal(nearestName('abcdef', ['uvwxyz']), undefined)
})

t.test('it is said as a question', async (t) => {
  t.equal(didYouMean('helth', ['health']), ' Did you mean "health"?')
  t.equal(didYouMean('helth', ['x']), '')
})
