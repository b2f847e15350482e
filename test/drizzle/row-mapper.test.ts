import { sql } from 'drizzle-orm'
import t from 'tap'
import { createRowMapper } from '../../lib/drizzle/row-mapper.js'
import { samples, tasks } from '../fixtures/task-schema.js'

t.test('rows of columns are read as the columns read their values, and null stays null', async (t) => {
  const map = createRowMapper([
    { path: ['id'], field: tasks.id }, { path: ['createdAt'], field: tasks.createdAt }, { path: ['amount'], field: samples.amount }
  ])
  const rows = map?.([[1, '2026-11-22 03:00:00+00', '1.5'], [2, '2026-11-22 04:00:00.25+00', null]])
  t.strictSame(rows, [
    { id: 1, createdAt: new Date('2026-11-22T03:00:00Z'), amount: 1.5 },
    { id: 2, createdAt: new Date('2026-11-22T04:00:00.250Z'), amount: null }
  ])
})

t.test('rows inside of rows, expressions and statements without fields are left to Drizzle', async (t) => {
  t.equal(createRowMapper([{ path: ['tasks', 'id'], field: tasks.id }]), undefined)
  t.equal(createRowMapper([{ path: ['one'], field: sql`1` }]), undefined)
  t.equal(createRowMapper(undefined), undefined)
})
