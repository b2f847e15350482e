import t from 'tap'
import { views } from '../../../lib/doctor/checks/views.js'
import type { Subject } from '../../../lib/doctor/check.js'
import { examined, table } from '../../fixtures/examined.js'

const view = (facts: Partial<Subject> = {}) =>
  table('open_tasks', {
    kind: 'view',
    from: 'database',
    securityInvoker: false,
    reads: ['public.tasks'],
    owner: undefined,
    ...facts
  })
const look = (facts: Partial<Subject>, version = 160_000, rowLevelSecurity = false) =>
  views(examined({ version, rowLevelSecurity, tables: [table('tasks')], found: [view(facts)] }))

t.test("a view with its owner's rights is a warning, and an error under row-level security", async (t) => {
  t.match(look({}), [
    { severity: 'warning', place: 'open_tasks', sql: 'alter view "open_tasks" set (security_invoker = true);' }
  ])
  t.match(look({}, 160_000, true), [{ severity: 'error' }])
  t.match(look({}, 140_000), [{ sql: 'drop view "open_tasks";' }])
})

t.test('a materialised view matters under row-level security alone', async (t) => {
  t.strictSame(look({ kind: 'materialized view', securityInvoker: undefined }), [])
  t.match(look({ kind: 'materialized view', securityInvoker: undefined }, 160_000, true), [
    { severity: 'error', problem: /materialised/ }
  ])
})

t.test('a view of the schema that holds the owner counts, one marked as existing says nothing', async (t) => {
  const declared = (facts: Partial<Subject>) =>
    views(examined({ tables: [view({ from: 'schema', reads: [], owner: 'user_id', ...facts })] }))
  t.match(declared({}), [{ severity: 'warning', sql: undefined, edit: /securityInvoker: true/ }])
  t.strictSame(declared({ securityInvoker: undefined }), [])
})

t.test("views that ask the caller's rights, or read nothing owned, are left in silence, in a circle too", async (t) => {
  t.strictSame(look({ securityInvoker: true }), [])
  t.strictSame(look({ reads: ['public.plans'] }), [])
  t.strictSame(look({ reads: ['public.open_tasks'] }), [])
})
