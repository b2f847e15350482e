import t from 'tap'
import { sharedTable } from '../../../lib/doctor/checks/shared-table.js'
import { examined, table } from '../../fixtures/examined.js'

t.test('a shared table with an owner is an error', async (t) => {
  t.match(sharedTable(examined({ tables: [table('plans', { shared: true })] })), [
    { severity: 'error', place: 'plans', edit: 'Take plans out of sharedTables.' }
  ])
  t.strictSame(
    sharedTable(examined({ tables: [table('plans', { shared: true, owner: undefined }), table('tasks')] })),
    []
  )
})
