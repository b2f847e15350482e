import t from 'tap'
import { unownedTable } from '../../../lib/doctor/checks/unowned-table.js'
import { examined, table } from '../../fixtures/examined.js'

t.test('a table that is neither owned nor shared is a warning with the edit', async (t) => {
  const found = unownedTable(
    examined({ tables: [table('invoices', { owner: undefined })], ownerColumn: 'account_id', userIdType: 'uuid' })
  )
  t.match(found, [
    { severity: 'warning', place: 'invoices', edit: /accountId: uuid\('account_id'\)\.notNull\(\).*sharedTables/ }
  ])
  t.equal(found[0]?.sql, undefined, 'no SQL for a table that is only in the schema')
  t.match(unownedTable(examined({ tables: [table('invoices', { owner: undefined, from: 'database' })] })), [
    { sql: /^alter table "invoices" add column "user_id" text not null/ }
  ])
})

t.test("owned, shared and Better Auth's tables are left in silence", async (t) => {
  t.strictSame(
    unownedTable(
      examined({
        tables: [
          table('tasks'),
          table('plans', { owner: undefined, shared: true }),
          table('user', { owner: undefined, betterAuth: true })
        ]
      })
    ),
    []
  )
})
