import { asc, desc, sql } from 'drizzle-orm'
import t from 'tap'
import { orderedColumns, toList } from '../../lib/repository/order.js'
import { notes, tasks } from '../fixtures/task-schema.js'

t.test('columns, plain or in asc() and desc(), are an order', async (t) => {
  t.same(orderedColumns(undefined), [])
  t.match(orderedColumns(notes.id), [{ column: notes.id, direction: 'asc' }])
  t.match(orderedColumns([asc(tasks.title), desc(tasks.id)]), [{ column: tasks.title, direction: 'asc' }, { column: tasks.id, direction: 'desc' }])
})

t.test('anything else is not', async (t) => {
  for (const other of [sql`title desc`, sql`${tasks.title} desc nulls last`, sql`lower(${tasks.title}) desc`, sql`${tasks.title} desc ${tasks.id}`, sql`${'x'} desc`, sql`${tasks.title}${tasks.id}`, 'title', null, {}]) {
    t.equal(orderedColumns(other as never), undefined)
    t.equal(orderedColumns([tasks.id, other as never]), undefined)
  }
})

t.test('one thing is a list of one', async (t) => {
  t.same(toList(1), [1])
  t.same(toList([1, 2]), [1, 2])
})
