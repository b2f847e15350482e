import t from 'tap'
import { bypassingRole } from '../../../lib/doctor/checks/bypassing-role.js'
import type { RoleFacts } from '../../../lib/doctor/facts.js'
import { examined } from '../../fixtures/examined.js'

const plain: RoleFacts = {
  name: 'app',
  exists: true,
  canBeTaken: true,
  superuser: false,
  bypassesRowLevelSecurity: false
}
const look = (role: Partial<RoleFacts>, rowLevelSecurity = true) =>
  bypassingRole(examined({ rowLevelSecurity, role: { ...plain, ...role } }))

t.test('a role that no policy binds is an error', async (t) => {
  t.match(look({ superuser: true }), [{ severity: 'error', place: 'role app', problem: /superuser/ }])
  t.match(look({ bypassesRowLevelSecurity: true }), [{ severity: 'error', sql: 'alter role "app" nobypassrls;' }])
})

t.test('a role that cannot be taken is an error', async (t) => {
  t.match(look({ exists: false, canBeTaken: false }), [{ severity: 'error', problem: /no such role/ }])
  t.match(look({ canBeTaken: false }), [{ severity: 'error', sql: 'grant "app" to current_user;' }])
})

t.test('a plain role, and any role where row-level security is not in use, is left in silence', async (t) => {
  t.strictSame(look({}), [])
  t.strictSame(look({ superuser: true }, false), [])
  t.strictSame(bypassingRole(examined({ rowLevelSecurity: true })), [])
})
