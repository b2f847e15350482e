import { getAuthTables } from 'better-auth/db'
import t from 'tap'
import { betterAuthTable, coreTables } from '../../lib/doctor/better-auth-shapes.js'
import { column, table } from '../fixtures/examined.js'

const named = (name: string, columns: string[]) => betterAuthTable(table(name, { columns: columns.map((name) => column(name)) }))
const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

t.test('the tables that Better Auth makes are known, in either casing and in the plural', async (t) => {
  for (const [name, { fields }] of Object.entries(getAuthTables({ rateLimit: { storage: 'database' } }))) {
    const columns = ['id', ...Object.keys(fields)]
    for (const written of [name, `${name}s`, snake(name)]) {
      t.equal(named(written, columns), name, written)
      t.equal(named(written, columns.map(snake)), name, written)
    }
  }
})

t.test('a table of the app\'s with such a name and other columns is the app\'s', async (t) => {
  t.equal(named('user', ['id', 'name']), undefined)
  t.equal(named('sessions', ['id', 'user_id', 'starts_at']), undefined)
  t.equal(named('accounts', ['id', 'user_id', 'balance']), undefined)
  t.equal(named('tasks', ['id', 'email', 'email_verified']), undefined)
})

t.test('the tables that it cannot do without are among them', async (t) => {
  t.strictSame(coreTables, Object.keys(getAuthTables({})))
})
