import t from 'tap'
import { optionalString, ownMember } from '../../lib/token/json-members.js'

t.test('what an object inherits is no member of it', async (t) => {
  t.equal(ownMember({ sub: 'ada' }, 'sub'), 'ada')
  t.equal(ownMember({}, 'constructor'), undefined)
  t.equal(optionalString({}, 'toString'), undefined)
})

t.test('a member that has to be a string is one, or is not there', async (t) => {
  t.equal(optionalString({ kid: 'a' }, 'kid'), 'a')
  t.equal(optionalString({}, 'kid'), undefined)
  for (const kid of [1, null, ['a'], {}]) {
    t.throws(() => optionalString({ kid }, 'kid'), { name: 'InvalidToken', message: 'Invalid token', reason: 'kid' })
  }
})
