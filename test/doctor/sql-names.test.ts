import t from 'tap'
import { columnList, placeOf, propertyOf, tableName } from '../../lib/doctor/sql-names.js'

t.test('a name is quoted whatever it holds, so that SQL to copy means that name alone', async (t) => {
  t.equal(tableName({ schema: 'public', name: 'Tasks' }), '"Tasks"')
  t.equal(tableName({ schema: 'my app', name: 'tasks"; drop' }), '"my app"."tasks""; drop"')
  t.equal(columnList(['user_id', 'a"b']), '"user_id", "a""b"')
})

t.test('a place reads as people say it', async (t) => {
  t.equal(placeOf({ schema: 'public', name: 'tasks' }), 'tasks')
  t.equal(placeOf({ schema: 'app', name: 'tasks' }, 'user_id'), 'app.tasks.user_id')
})

t.test("a property is the column's name in camel case", async (t) => {
  t.strictSame(['user_id', 'id', 'line_2', 'userId', '_id', 'a__b'].map(propertyOf), [
    'userId',
    'id',
    'line2',
    'userId',
    'Id',
    'a_B'
  ])
})
