import { getTableColumns } from 'drizzle-orm'
import { integer, pgTable } from 'drizzle-orm/pg-core'
import t from 'tap'
import { timestamps } from '../../lib/schema/timestamps.js'

const events = pgTable('events', { id: integer(), ...timestamps() })

t.test('timestamps() gives two columns that fill themselves', async (t) => {
  const { createdAt, updatedAt } = getTableColumns(events)
  t.match([createdAt, updatedAt].map((column) => [column.name, column.getSQLType(), column.notNull]), [['created_at', 'timestamp with time zone', true], ['updated_at', 'timestamp with time zone', true]])
  for (const fill of [createdAt.defaultFn, updatedAt.defaultFn, updatedAt.onUpdateFn]) t.ok(Math.abs((fill!() as Date).getTime() - Date.now()) < 1000)
  t.equal(createdAt.onUpdateFn, undefined)
})
