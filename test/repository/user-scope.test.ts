import { neon } from '@neondatabase/serverless'
import { drizzle as drizzleNeonHttp } from 'drizzle-orm/neon-http'
import { drizzle as drizzleProxy } from 'drizzle-orm/pg-proxy'
import { drizzle } from 'drizzle-orm/postgres-js'
import { withReplicas } from 'drizzle-orm/pg-core'
import t from 'tap'
import { errors } from '../../lib/errors.js'
import { compileScope, userScope } from '../../lib/repository/user-scope.js'
import { categories, notes, schema, tasks } from '../fixtures/task-schema.js'

const db = drizzle.mock({ schema })

t.test('a scope is compiled once for the value of its options', async (t) => {
  const ownerColumn = () => undefined
  for (const make of [() => ({}), () => ({ ownerColumn: 'owner' }), () => ({ sharedTables: [categories] }), () => ({ ownerColumn })]) t.equal(compileScope(db, make()), compileScope(db, make()))
  t.equal(compileScope(db), compileScope(db, { ownerColumn: 'user_id', sharedTables: [], rowLevelSecurity: false }))
  t.equal(compileScope(db, { rowLevelSecurity: true }), compileScope(db, { rowLevelSecurity: { setting: 'app.user_id' } }))
  t.not(compileScope(db), compileScope(db, { ownerColumn: 'owner' }))
  t.not(compileScope(db), compileScope(db, { sharedTables: [categories] }))
  t.not(compileScope(db), compileScope(drizzle.mock({ schema })))
  const first = compileScope(db, { ownerColumn: 'first' })
  for (let n = 0; n < 40; n++) compileScope(db, { ownerColumn: () => undefined })
  t.not(compileScope(db, { ownerColumn: 'first' }), first, 'and forgotten when there are many')
})

t.test('what is no Drizzle database for PostgreSQL is refused', async (t) => {
  for (const other of [undefined, null, 'db', {}, { dialect: {} }, { $primary: {} }]) t.throws(() => compileScope(other as never), TypeError)
  t.throws(() => compileScope({ dialect: (db as unknown as { dialect: object }).dialect } as never), { message: /^"db" must be a Drizzle database for PostgreSQL/ })
  t.doesNotThrow(() => compileScope(withReplicas(db as never, [db as never]) as never))
})

t.test('a database that is none is told so, and not what a map thinks of it', async (t) => {
  for (const other of [null, '', 'x', true, 5n, 0]) t.throws(() => compileScope(other as never), { name: 'TypeError', message: /^"db" must be a Drizzle database for PostgreSQL/ })
})

t.test('an option of userScope that does not exist, or no object of options, is refused', async (t) => {
  for (const options of [{ ownerColum: 'x' }, { foo: 1 }, { setting: 'app.user_id' }]) {
    t.throws(() => userScope(db, 'A', options as never), { name: 'TypeError', message: /^"\w+" is not an option of userScope\(\); they are ownerColumn, organization, sharedTables, rowLevelSecurity, schema\./ })
  }
  for (const options of [null, 5, 'x', [], () => ({})]) t.throws(() => userScope(db, 'A', options as never), { name: 'TypeError', message: /^The options of userScope\(\) are an object/ })
  t.doesNotThrow(() => userScope(db, 'A', undefined))
})

const ignored: Array<[string, unknown[], RegExp]> = [
  ['rowLevelSecurity', [null, 0, '', Number.NaN, [], () => true, 5n, 'on'], /^"rowLevelSecurity" must be true, false or \{ setting, role \}$/],
  ['sharedTables', [null, '', () => [], 5n], /^"sharedTables" must be a list/],
  ['ownerColumn', [null, '', ' ', 5n, []], /^"ownerColumn" must be the name/]
]
for (const [name, values, message] of ignored) {
  t.test(`"${name}" of the wrong kind is refused, also when an earlier scope had the default`, async (t) => {
    compileScope(db)
    for (const value of values) t.throws(() => compileScope(db, { [name]: value }), { name: 'TypeError', message })
  })
}

t.test('a user id is a non-empty, well-formed string', async (t) => {
  for (const userId of ['', 'a\0', '\udc00', 5, null, undefined, ['A']]) t.throws(() => userScope(db, userId as never), errors.InvalidUserId)
  t.match(userScope(db, 'ü 😀').db.select({ id: notes.id }).from(notes).toSQL(), { params: ['ü 😀'] })
})

t.test('a caller may be an object with both ids', async (t) => {
  const organization = { column: 'user_id' }
  const of = (caller: object) => userScope(db, caller as never, { ownerColumn: 'member', organization }).db.select({ id: notes.id }).from(notes).toSQL().params
  t.same(of({ userId: 'A', organizationId: 'one' }), ['one'])
  for (const caller of [{ userId: 'A' }, { userId: 'A', organizationId: null }, { userId: 'A', organizationId: undefined }]) t.throws(() => of(caller), errors.OrganizationRequired)
  t.same(userScope(db, { userId: 'A' }).db.select({ id: notes.id }).from(notes).toSQL().params, ['A'])
  for (const organizationId of ['', 'a\0', '\udc00', 5, ['one'], {}]) t.throws(() => of({ userId: 'A', organizationId }), errors.InvalidOrganizationId, JSON.stringify(organizationId))
  for (const caller of [{}, { userId: null, organizationId: 'one' }, { organizationId: 'one' }]) t.throws(() => of(caller), errors.InvalidUserId)
  t.throws(() => of({ userId: 'A', orgId: 'one' }), { name: 'TypeError', message: /^"orgId" is not an option of the caller of userScope\(\)/ })
  t.throws(() => userScope(db, { userId: 'A', organizationId: 'one' }), { name: 'TypeError', message: /^"organizationId" needs the "organization" option/ })
})

t.test('a scope has the database and repositories of its user', async (t) => {
  const scope = userScope(db, 'A')
  t.same(Object.keys(scope), ['db', 'repository'])
  t.type(scope.repository(tasks).findMany, 'function')
  t.equal(compileScope(db).checkRole, undefined)
})

t.test('row-level security is refused on a driver without transactions', async (t) => {
  const overHttp = drizzleNeonHttp(neon('postgres://user:password@db.example/app'))
  for (const db of [overHttp, withReplicas(overHttp as never, [overHttp as never]), drizzleProxy(async () => ({ rows: [] }))]) {
    t.throws(() => compileScope(db as never, { rowLevelSecurity: true }), { name: 'TypeError', message: /^"rowLevelSecurity" needs transactions/ })
    t.doesNotThrow(() => compileScope(db as never))
  }
})
