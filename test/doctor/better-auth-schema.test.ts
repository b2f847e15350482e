import { getAuthTables } from 'better-auth/db'
import { deviceAuthorization, jwt, organization, siwe, twoFactor } from 'better-auth/plugins'
import t from 'tap'
import { betterAuthTables, coreTables } from '../../lib/doctor/better-auth-schema.js'
import { column, table } from '../fixtures/examined.js'

const tableOf = (name: string, columns: string[]) => table(name, { columns: columns.map((name) => column(name)) })
const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const columnsOf = (fields: object) => ['id', ...Object.keys(fields)]
const schema = getAuthTables({
  rateLimit: { storage: 'database' },
  plugins: [
    twoFactor(),
    jwt(),
    organization({ teams: { enabled: true } }),
    deviceAuthorization(),
    siwe({ domain: 'example.app', getNonce: async () => '', verifyMessage: async () => true })
  ]
})
const session = tableOf('session', columnsOf(schema.session!.fields))
const modelOf = (name: string, columns: string[], beside = [session]) => {
  const named = tableOf(name, columns)
  return betterAuthTables([...beside, named]).get(named.key)
}

t.test('the tables of Better Auth and its plugins are known, in either casing and in the plural', async (t) => {
  for (const [name, { fields }] of Object.entries(schema)) {
    for (const written of [name, `${name}s`, snake(name)]) {
      t.equal(modelOf(written, columnsOf(fields)), name, written)
      t.equal(modelOf(written, columnsOf(fields).map(snake)), name, written)
    }
  }
})

t.test('they are known by their columns under the names that an app gives them', async (t) => {
  for (const name of [
    'user',
    'session',
    'account',
    'verification',
    'jwks',
    'twoFactor',
    'invitation',
    'walletAddress'
  ]) {
    t.equal(modelOf('auth_x', columnsOf(schema[name]!.fields).map(snake)), name)
  }
})

t.test("a table of the app's with such a name and other columns is the app's", async (t) => {
  t.equal(modelOf('user', ['id', 'name']), undefined)
  t.equal(modelOf('sessions', ['id', 'user_id', 'starts_at']), undefined)
  t.equal(modelOf('accounts', ['id', 'user_id', 'balance']), undefined)
  t.equal(modelOf('members', ['id', 'user_id', 'joined_at']), undefined)
})

t.test("a table of the app's with some of such columns is the app's", async (t) => {
  t.equal(modelOf('tasks', ['id', 'email', 'email_verified']), undefined)
  t.equal(modelOf('devices', ['id', 'token', 'user_id', 'expires_at', 'created_at', 'updated_at']), undefined)
})

t.test("without Better Auth's sessions, a table named as a plugin names it is the app's", async (t) => {
  t.equal(modelOf('team', columnsOf(schema.team!.fields), []), undefined)
})

t.test('the tables that it cannot do without are those it has without plugins', async (t) => {
  t.strictSame(coreTables, Object.keys(getAuthTables({})))
})
