import t from 'tap'
import { uniqueAcrossUsers } from '../../../lib/doctor/checks/unique-across-users.js'
import { column, examined, key, table } from '../../fixtures/examined.js'

const columns = [column('id', { filled: true }), column('user_id'), column('slug')]
const look = (...keys: ReturnType<typeof key>[]) =>
  uniqueAcrossUsers(examined({ tables: [table('tasks', { columns, keys })] }))

t.test('whatever is unique without the owner, and chosen by clients, is a warning', async (t) => {
  t.match(look(key(['slug'], { kind: 'unique constraint', name: 'by_slug' })), [
    { severity: 'warning', place: 'tasks.by_slug', edit: /unique\(\)\.on\(table\.userId, table\.slug\)/ }
  ])
  t.match(look(key(['slug'], { kind: 'unique index' })), [{ severity: 'warning' }])
  t.match(look(key([null], { kind: 'unique index' })), [{ problem: /an expression/ }])
  t.match(look(key(['slug'], { kind: 'primary key' })), [{ edit: /primaryKey/ }])
})

t.test('with the owner in it, or drawn by the database, or not unique, it is left in silence', async (t) => {
  t.strictSame(
    look(
      key(['user_id', 'slug'], { kind: 'unique constraint' }),
      key(['slug', 'user_id'], { kind: 'unique index' }),
      key(['id'], { kind: 'primary key' }),
      key(['slug'])
    ),
    []
  )
})

t.test('an index of expressions keeps a word of warning in its SQL', async (t) => {
  const tables = [
    table('tasks', { from: 'database', columns, keys: [key([null], { kind: 'unique index', name: 'lower_slug' })] })
  ]
  t.match(uniqueAcrossUsers(examined({ tables })), [{ sql: /^drop index "public"\."lower_slug"; .*expressions/ }])
})
