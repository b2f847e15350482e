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

t.test('rows that SQL inserts get their time from the database', async (t) => {
  for (const column of Object.values(timestamps())) {
    const { default: value, defaultFn } = (column as unknown as { config: { default: unknown, defaultFn: () => Date } }).config
    t.ok(value, 'a default for the migration')
    t.type(defaultFn(), Date, 'and the app\'s own clock for what the app inserts')
  }
})
