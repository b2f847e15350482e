import t from 'tap'
import { ownerIndex } from '../../../lib/doctor/checks/owner-index.js'
import { examined, key, table } from '../../fixtures/examined.js'

const look = (...keys: ReturnType<typeof key>[]) => ownerIndex(examined({ tables: [table('tasks', { keys })] }))
const primary = key(['id'], { kind: 'primary key' })

t.test('without a whole index led by the owner there is a warning, with the index to make', async (t) => {
  for (const keys of [
    [],
    [primary],
    [primary, key(['id', 'user_id'])],
    [primary, key(['user_id'], { partial: true })],
    [primary, key([null, 'user_id'])]
  ]) {
    t.match(look(...keys), [{ severity: 'warning', place: 'tasks.user_id' }])
  }
  t.match(look(primary), [{ edit: /index\(\)\.on\(table\.userId, table\.id\)/ }])
})

t.test('an index, a unique constraint or a primary key led by the owner is enough', async (t) => {
  for (const kind of ['index', 'unique index', 'unique constraint', 'primary key'] as const) { t.strictSame(look(key(['user_id', 'slug'], { kind })), []) }
})
