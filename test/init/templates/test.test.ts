import t from 'tap'
import { test } from '../../../lib/init/templates/test.js'

t.test('the tests ask whether any route leaks', async (t) => {
  t.match(test('js'), 'await checkIsolation(app, { users: [ada.id, bob.id] })')
})

t.test('the people that the tests sign up are gone afterwards', async (t) => {
  t.match(test('js'), 'await db.delete(user).where(inArray(user.id, [ada.id, bob.id]))')
})
