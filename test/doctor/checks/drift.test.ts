import t from 'tap'
import { drift } from '../../../lib/doctor/checks/drift.js'
import { column, examined, table } from '../../fixtures/examined.js'

t.test('a table, a column or a type that the database does not have is an error', async (t) => {
  const declared = [
    table('tasks', { columns: [column('id'), column('title'), column('done', { type: 'boolean', nullable: true })] }),
    table('notes'),
    table('open_tasks', { kind: 'view', columns: [column('id'), column('late'), column('n')] })
  ]
  const found = [
    table('tasks', { from: 'database', columns: [column('id', { type: 'uuid' }), column('title')] }),
    table('open_tasks', { from: 'database', kind: 'view', columns: [column('id'), column('n', { type: 'bigint' })] })
  ]
  t.match(drift(examined({ declared, found })), [
    {
      severity: 'error',
      place: 'tasks.id',
      problem: /text in the schema and uuid in the database/,
      sql: /alter column "id" type text/
    },
    {
      severity: 'error',
      place: 'tasks.done',
      problem: /not in the database/,
      sql: 'alter table "tasks" add column "done" boolean;'
    },
    { severity: 'error', place: 'notes', problem: /not in the database/, edit: /drizzle-kit/ },
    { severity: 'error', place: 'open_tasks.late', sql: undefined },
    { severity: 'error', place: 'open_tasks.n', sql: undefined }
  ])
})

t.test('without a schema or without a database there is nothing to compare', async (t) => {
  t.strictSame(drift(examined({ declared: [table('tasks')] })), [])
  t.strictSame(drift(examined({ found: [table('tasks')] })), [])
})
