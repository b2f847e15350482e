import { sql } from 'drizzle-orm'
import t from 'tap'
import { OnConflict } from '../../lib/scope/insert-statement.js'
import { notes } from '../fixtures/task-schema.js'

t.test('the parts of on conflict stay apart', async (t) => {
  const [targetWhere, setWhere] = [sql`a`, sql`b`]
  const { target, ...rest } = new OnConflict([notes.id], targetWhere, { body: 'x' }, setWhere)
  t.equal(target[0], notes.id)
  t.same(Object.keys(rest), ['targetWhere', 'set', 'setWhere'])
  t.equal(rest.setWhere, setWhere)
  t.equal(new OnConflict([], undefined).set, undefined)
})
