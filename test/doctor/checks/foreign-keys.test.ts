import t from 'tap'
import { foreignKeys } from '../../../lib/doctor/checks/foreign-keys.js'
import type { ForeignKeyFacts } from '../../../lib/doctor/facts.js'
import { examined, table } from '../../fixtures/examined.js'

const look = (facts: Partial<ForeignKeyFacts>) => foreignKeys(examined({
  tables: [
    table('projects'),
    table('plans', { owner: undefined, shared: true }),
    table('tasks', { foreignKeys: [{ name: 'fk', columns: ['project_id'], to: 'public.projects', toColumns: ['id'], onDelete: 'no action', ...facts }] })
  ]
}))

t.test('without the owner it is a warning, and an error where a delete reaches across', async (t) => {
  t.match(look({}), [{ severity: 'warning', place: 'tasks.fk', edit: /columns: \[table\.userId, table\.projectId\], foreignColumns: \[projects\.userId, projects\.id\]/ }])
  for (const onDelete of ['cascade', 'set null', 'set default']) t.match(look({ onDelete }), [{ severity: 'error', problem: new RegExp(onDelete) }])
  t.match(look({ columns: ['project_id', 'user_id'], toColumns: ['user_id', 'id'] }), [{ severity: 'warning' }], 'the owner in another place is no owner')
})

t.test('with the owner, or to a table without one, it is left in silence', async (t) => {
  t.strictSame(look({ columns: ['user_id', 'project_id'], toColumns: ['user_id', 'id'] }), [])
  t.strictSame(look({ to: 'public.plans' }), [])
  t.strictSame(look({ to: 'public.user' }), [])
})
