import t from 'tap'
import { foreignKeys } from '../../../lib/doctor/checks/foreign-keys.js'
import type { ForeignKeyFacts } from '../../../lib/doctor/facts.js'
import { examined, table } from '../../fixtures/examined.js'

const look = (facts: Partial<ForeignKeyFacts>) =>
  foreignKeys(
    examined({
      tables: [
        table('projects'),
        table('plans', { owner: undefined, shared: true }),
        table('tasks', {
          foreignKeys: [
            {
              name: 'fk',
              columns: ['project_id'],
              to: 'public.projects',
              toColumns: ['id'],
              onDelete: 'no action',
              ...facts
            }
          ]
        })
      ]
    })
  )

t.test('without the owner it is a warning, and an error where a delete reaches across', async (t) => {
  t.match(look({}), [
    {
      severity: 'warning',
      place: 'tasks.fk',
      edit: /columns: \[table\.userId, table\.projectId\], foreignColumns: \[projects\.userId, projects\.id\]/
    }
  ])
  for (const onDelete of ['cascade', 'set null', 'set default']) { t.match(look({ onDelete }), [{ severity: 'error', problem: new RegExp(onDelete) }]) }
  t.match(
    look({ columns: ['project_id', 'user_id'], toColumns: ['user_id', 'id'] }),
    [{ severity: 'warning' }],
    'the owner in another place is no owner'
  )
})

t.test('with the owner, a foreign key that sets it to null is an error', async (t) => {
  const composite = { columns: ['user_id', 'project_id'], toColumns: ['user_id', 'id'] }
  t.match(look({ ...composite, onDelete: 'set null' }), [
    {
      severity: 'error',
      problem: 'On delete, the foreign key sets the owner column "user_id" to null too',
      edit: /on delete set null \("project_id"\)/
    }
  ])
  t.strictSame(look({ ...composite, onDelete: 'set null', onDeleteColumns: ['project_id'] }), [])
  t.match(look({ ...composite, onDelete: 'set default', onDeleteColumns: ['user_id'] }), [{ severity: 'error' }])
})

t.test('the edit keeps what happens on delete', async (t) => {
  t.match(look({ onDelete: 'cascade' }), [{ edit: /\.onDelete\('cascade'\)\.$/ }])
  t.notMatch(look({ onDelete: 'set null' })[0]!.edit, /onDelete/, 'which would empty the owner too')
})

t.test('with the owner, or to a table without one, it is left in silence', async (t) => {
  t.strictSame(look({ columns: ['user_id', 'project_id'], toColumns: ['user_id', 'id'] }), [])
  t.strictSame(look({ to: 'public.plans' }), [])
  t.strictSame(look({ to: 'public.user' }), [])
})
