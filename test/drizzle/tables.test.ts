import { alias } from 'drizzle-orm/pg-core'
import t from 'tap'
import { memos, notes, openTasks } from '../fixtures/task-schema.js'
import { columnsOf, isView, tableAliasOf, tableFacts, viewFacts } from '../../lib/drizzle/tables.js'

t.test('a table is read behind its alias', async (t) => {
  const other = alias(memos, 'm')
  t.match(tableFacts(memos), { schema: 'app', name: 'memos', alias: 'memos', isAlias: false })
  t.match(tableFacts(other), { schema: 'app', name: 'memos', alias: 'm', isAlias: true })
  t.equal(tableFacts(memos).identity, tableFacts(other).identity)
  t.not(tableFacts(memos).identity, tableFacts(notes).identity)
  t.same(Object.keys(columnsOf(memos)), ['id', 'userId', 'body'])
  t.equal(tableAliasOf(other.body), 'm')
  t.match(viewFacts(alias(openTasks, 'o')), { name: 'open_tasks', alias: 'o', schema: undefined })
  t.ok(viewFacts(openTasks).selectedFields.userId)
  t.same([openTasks, alias(openTasks, 'o'), memos, null].map(isView), [true, true, false, false])
})
