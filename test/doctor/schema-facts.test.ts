import { sql } from 'drizzle-orm'
import {
  index,
  integer,
  pgMaterializedView,
  pgPolicy,
  pgSchema,
  pgTable,
  pgView,
  primaryKey,
  serial,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid
} from 'drizzle-orm/pg-core'
import t from 'tap'
import { schemaFacts } from '../../lib/doctor/schema-facts.js'

t.test('names go through the casing of drizzle(), in columns, keys and foreign keys', async (t) => {
  const projects = pgTable('projects', { id: serial().primaryKey(), userId: text().notNull() })
  const tasks = pgTable(
    'tasks',
    {
      taskId: uuid().defaultRandom(),
      userId: text().notNull(),
      projectId: integer().references(() => projects.id, { onDelete: 'cascade' }),
      ownSlug: text('slug').unique()
    },
    (table) => [
      primaryKey({ columns: [table.userId, table.taskId] }),
      index().on(table.userId, table.projectId),
      uniqueIndex('lower')
        .on(sql`lower(${table.ownSlug})`)
        .where(sql`true`),
      unique('both').on(table.userId, table.ownSlug)
    ]
  )

  const facts = schemaFacts(tasks, 'snake_case')
  t.strictSame(
    facts.columns.map(({ name }) => name),
    ['task_id', 'user_id', 'project_id', 'slug']
  )
  t.match(
    facts.keys.map(({ kind, columns, partial }) => [kind, columns.join(), partial]),
    [
      ['primary key', 'user_id,task_id', false],
      ['unique constraint', 'slug', false],
      ['unique constraint', 'user_id,slug', false],
      ['index', 'user_id,project_id', false],
      ['unique index', '', true]
    ]
  )
  t.match(facts.foreignKeys, [
    { columns: ['project_id'], to: 'public.projects', toColumns: ['id'], onDelete: 'cascade' }
  ])
  t.strictSame(
    schemaFacts(tasks, 'camelCase').columns.map(({ name }) => name),
    ['taskId', 'userId', 'projectId', 'slug']
  )
  t.strictSame(schemaFacts(tasks, undefined).keys.find(({ kind }) => kind === 'index')?.columns, [
    'userId',
    'projectId'
  ])
})

t.test('types, nullability and defaults are read as the database would have them', async (t) => {
  const { columns } = schemaFacts(
    pgTable('t', {
      id: serial('id').primaryKey(),
      drawn: text('drawn').$defaultFn(() => 'x'),
      made: timestamp('made').defaultNow(),
      word: text('word').notNull().default('x'),
      number: integer('number').generatedAlwaysAsIdentity()
    }),
    undefined
  )
  t.match(columns, [
    { name: 'id', type: 'integer', nullable: false, filled: true, default: undefined },
    { name: 'drawn', nullable: true, filled: true, default: undefined },
    { name: 'made', type: 'timestamp without time zone', filled: true, default: 'now()' },
    { name: 'word', nullable: false, default: '"x"' },
    { name: 'number', filled: true }
  ])
})

t.test('policies switch row-level security on, as drizzle-kit does', async (t) => {
  const facts = schemaFacts(
    pgTable('t', { userId: text('user_id') }, () => [
      pgPolicy('own', { for: 'select', using: sql`user_id = 'a'` }),
      pgPolicy('awake', { as: 'restrictive', withCheck: sql`true` })
    ]),
    undefined
  )
  t.equal(facts.rowLevelSecurity, true)
  t.match(facts.policies, [
    { name: 'own', permissive: true, command: 'select', using: "user_id = 'a'", check: undefined },
    { permissive: false, command: 'all', check: 'true' }
  ])
  t.equal(schemaFacts(pgTable('t', { id: text() }).enableRLS(), undefined).rowLevelSecurity, true)
})

t.test("views tell whether they ask for the caller's rights, where that can be known", async (t) => {
  const tasks = pgTable('tasks', { userId: text('user_id') })
  const own = pgSchema('app').view('own')
  t.match(
    schemaFacts(
      own.with({ securityInvoker: true }).as((qb) => qb.select().from(tasks)),
      undefined
    ),
    { key: 'app.own', kind: 'view', securityInvoker: true }
  )
  t.equal(
    schemaFacts(
      pgView('plain').as((qb) => qb.select().from(tasks)),
      undefined
    ).securityInvoker,
    false
  )
  t.equal(schemaFacts(pgView('old', { userId: text('user_id') }).existing(), undefined).securityInvoker, undefined)
  t.match(
    schemaFacts(
      pgMaterializedView('held').as((qb) => qb.select().from(tasks)),
      undefined
    ),
    { kind: 'materialized view', columns: [{ name: 'user_id' }] }
  )
})
