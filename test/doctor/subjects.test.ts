import { pgTable, text, type PgTable } from 'drizzle-orm/pg-core'
import t from 'tap'
import { schemaFacts } from '../../lib/doctor/schema-facts.js'
import { subjectsOf, userIdTypeOf, type Ownership } from '../../lib/doctor/subjects.js'
import { rules } from '../fixtures/doctor-surroundings.js'
import { column, table } from '../fixtures/examined.js'

const ownership: Ownership = { ownerColumn: 'user_id', sharedTables: [], columnName: ({ name }) => name }
const role = { name: 'app', exists: true, canBeTaken: true, superuser: false, bypassesRowLevelSecurity: false }
const { owner: _owner, shared: _shared, betterAuth: _betterAuth, ...found } = table('tasks', { from: 'database' })
const tasks = pgTable('tasks', { id: text(), userId: text('user_id') })
const plans = pgTable('plans', { id: text() })
const declare = (...tables: PgTable[]) => tables.map((source) => ({ source, facts: schemaFacts(source, undefined) }))
const look = (
  declared: Parameters<typeof subjectsOf>[0],
  database: Parameters<typeof subjectsOf>[1],
  options: Partial<Ownership> = {}
) => subjectsOf(declared, database, { ...ownership, ...options }, rules.ownerOf)
const database = {
  tables: [found, { ...found, name: 'migrations', key: 'public.migrations', columns: [] }],
  role,
  version: 180000
}

t.test('the schema says which tables are looked at, and the database how they are', async (t) => {
  t.match(
    look(declare(tasks, plans), database).map(({ name, from, owner }) => [name, from, owner]),
    [
      ['tasks', 'database', 'user_id'],
      ['plans', 'schema', undefined]
    ]
  )
  t.match(
    look(undefined, database).map(({ name, owner }) => [name, owner]),
    [
      ['tasks', 'user_id'],
      ['migrations', undefined]
    ],
    'without a schema all of the database'
  )
  t.strictSame(look(undefined, undefined), [])
})

t.test('the owner is found by the rule that request.db goes by', async (t) => {
  const ownerColumn = (table: PgTable) => (table === plans ? plans.id : undefined)
  t.match(
    look(declare(tasks, plans), undefined, { ownerColumn }).map(({ owner }) => owner),
    [undefined, 'id']
  )
  const mistaken = () => 'id' as never
  t.throws(() => look(declare(tasks), undefined, { ownerColumn: mistaken }), {
    name: 'UsageError',
    message: /^"ownerColumn" must answer a column/
  })
})

t.test('a shared table is marked, and one that is not there is a mistake', async (t) => {
  t.strictSame(
    look(declare(tasks, plans), undefined, { sharedTables: ['public.plans'] }).map(({ shared }) => shared),
    [false, true]
  )
  t.throws(() => look(declare(tasks), undefined, { sharedTables: ['public.plans'] }), {
    name: 'UsageError',
    message: 'The shared table public.plans does not exist; the tables are public.tasks'
  })
  t.strictSame(
    look(undefined, undefined, { sharedTables: ['public.plans'] }),
    [],
    'where no table is known, none is missed'
  )
})

t.test("user ids have the type that Better Auth's table gives them", async (t) => {
  const user = (type: string) =>
    table('user', { columns: [column('id', { type }), column('email'), column('email_verified', { type: 'boolean' })] })
  t.equal(userIdTypeOf([found, user('uuid')]), 'uuid')
  t.equal(userIdTypeOf([user('character varying(36)')]), 'text')
  t.equal(userIdTypeOf([found]), undefined)
  t.strictSame(
    look(undefined, { ...database, tables: [user('text')] }).map(({ betterAuth }) => betterAuth),
    [true]
  )
})
