import t from 'tap'
import { ownerColumn } from '../../../lib/doctor/checks/owner-column.js'
import type { ColumnFacts } from '../../../lib/doctor/facts.js'
import { column, examined, table } from '../../fixtures/examined.js'

const look = (facts: Partial<ColumnFacts>, userIdType: string | undefined = 'text') =>
  ownerColumn(examined({ userIdType, tables: [table('tasks', { columns: [column('user_id', facts)] })] }))

t.test('a nullable owner column is an error', async (t) => {
  t.match(look({ nullable: true }), [
    { check: 'owner-nullable', severity: 'error', place: 'tasks.user_id', edit: /\.notNull\(\)/ }
  ])
})

t.test('an owner column that ids do not fit is an error', async (t) => {
  for (const type of ['integer', 'uuid', 'character(32)', 'character varying(31)', 'jsonb']) { t.match(look({ type }), [{ check: 'owner-type', severity: 'error' }], type) }
  t.match(look({ type: 'text' }, 'uuid'), [{ check: 'owner-type', severity: 'error' }])
})

t.test('an owner column that takes different ids for equal is an error', async (t) => {
  t.match(look({ type: 'citext', looseEquality: true }), [{ check: 'owner-comparison', severity: 'error' }])
})

t.test('an owner other than the user has the type of what it points at', async (t) => {
  const organizations = table('organizations', { owner: undefined, columns: [column('id', { type: 'uuid' })] })
  const tasks = table('tasks', {
    columns: [column('user_id', { type: 'uuid' })],
    foreignKeys: [{ name: 'fk', columns: ['user_id'], to: organizations.key, toColumns: ['id'], onDelete: 'cascade' }]
  })
  t.strictSame(ownerColumn(examined({ found: [organizations], tables: [tasks] })), [])
  t.match(ownerColumn(examined({ found: [organizations], tables: [tasks], isUserIdTypeGiven: true })), [
    { check: 'owner-type' }
  ])
})

t.test('where nothing says the type of user ids, uuids are as good as text', async (t) => {
  const tasks = (type: string) => table('tasks', { columns: [column('user_id', { type })] })
  const found = (type: string) => ownerColumn(examined({ userIdType: undefined, tables: [tasks(type)] })).length
  t.strictSame(['text', 'uuid', 'integer'].map(found), [0, 0, 1])
})

t.test('columns that fit are left in silence, and so is one that is not there', async (t) => {
  for (const type of ['text', 'character varying', 'character varying(32)', 'character varying(255)']) { t.strictSame(look({ type }), [], type) }
  t.strictSame(look({ type: 'uuid' }, 'uuid'), [])
  t.strictSame(look({ type: 'integer' }, 'integer'), [])
  t.strictSame(
    ownerColumn(examined({ tables: [table('tasks', { columns: [] })] })),
    [],
    'drift says that it is missing'
  )
})
