import t from 'tap'
import { betterAuthTables } from '../../../lib/doctor/checks/better-auth-tables.js'
import { column, examined, table } from '../../fixtures/examined.js'

const user = table('user', { columns: ['id', 'email', 'email_verified'].map((name) => column(name)) })
const session = table('session', { columns: ['id', 'token', 'userId', 'expiresAt'].map((name) => column(name)) })
const account = table('accounts', {
  columns: ['id', 'account_id', 'provider_id', 'user_id'].map((name) => column(name))
})
const verification = table('verification', { columns: ['id', 'identifier', 'value'].map((name) => column(name)) })

t.test('all four tables, in either spelling, singular or plural, are left in silence', async (t) => {
  t.strictSame(betterAuthTables(examined({ declared: [user, session, account, verification] })), [])
})

t.test('a table that is missing, or is something else by that name, is an error', async (t) => {
  const ledger = table('account', { columns: [column('id'), column('balance')] })
  t.match(betterAuthTables(examined({ found: [user, session, ledger, verification] })), [
    { severity: 'error', place: 'account' }
  ])
})

t.test('where none of them is there, the issuer has a database of its own', async (t) => {
  t.strictSame(betterAuthTables(examined({ declared: [], found: [table('tasks')] })), [])
  t.strictSame(betterAuthTables(examined({ declared: [table('tasks')] })), [])
  t.strictSame(betterAuthTables(examined()), [])
})
