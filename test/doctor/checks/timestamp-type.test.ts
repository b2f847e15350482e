import t from 'tap'
import { timestampType } from '../../../lib/doctor/checks/timestamp-type.js'
import { column, examined, table } from '../../fixtures/examined.js'

const look = (...columns: ReturnType<typeof column>[]) =>
  timestampType(examined({ tables: [table('tasks', { columns })] }))

t.test('numbers and texts named like points in time are errors', async (t) => {
  for (const name of ['created_at', 'updatedAt', 'deleted_on', 'expires', 'due_date', 'timestamp']) {
    for (const type of ['integer', 'bigint', 'numeric(20,0)', 'double precision', 'text', 'character varying(40)']) {
      t.match(
        look(column(name, { type })),
        [{ check: 'timestamp-type', severity: 'error', place: `tasks.${name}` }],
        `${name} ${type}`
      )
    }
  }
})

t.test('names that only look like them are left alone', async (t) => {
  for (const name of ['lat', 'format', 'update', 'candidate', 'flat_rate', 'based_on', 'reading_time']) { t.strictSame(look(column(name, { type: 'integer' })), [], name) }
})

t.test('a timestamp without zone is a warning with a default, unless that is in UTC', async (t) => {
  const zoneless = (type: string, value?: string) => look(column('created_at', { type, default: value }))
  t.match(zoneless('timestamp without time zone', 'now()'), [{ check: 'timestamp-zone', severity: 'warning' }])
  t.match(zoneless('timestamp(3) without time zone', 'CURRENT_TIMESTAMP'), [{ check: 'timestamp-zone' }])
  t.strictSame(zoneless('timestamp without time zone'), [])
  t.strictSame(zoneless('timestamp without time zone', "(now() AT TIME ZONE 'utc'::text)"), [])
  t.strictSame(zoneless('timestamp with time zone', 'now()'), [])
})
