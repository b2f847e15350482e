import t from 'tap'
import { qualified, quoted } from '../../lib/internal/sql-names.js'

t.test('a name is quoted, whatever it holds', async (t) => {
  t.equal(quoted('tasks'), '"tasks"')
  t.equal(quoted('odd "name"'), '"odd ""name"""')
})

t.test('a schema stands before the name where there is one', async (t) => {
  t.equal(qualified(undefined, 'tasks'), '"tasks"')
  t.equal(qualified('App', 'tasks'), '"App"."tasks"')
})
