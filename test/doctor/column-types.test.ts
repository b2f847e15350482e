import t from 'tap'
import { formatType, sameType } from '../../lib/doctor/column-types.js'

t.test('types are written as PostgreSQL writes them', async (t) => {
  const pairs: Record<string, string> = {
    serial: 'integer',
    bigserial: 'bigint',
    'varchar(20)': 'character varying(20)',
    varchar: 'character varying',
    char: 'character(1)',
    'char(3)': 'character(3)',
    'numeric(10, 2)': 'numeric(10,2)',
    timestamp: 'timestamp without time zone',
    'timestamp (3)': 'timestamp(3) without time zone',
    'timestamp with time zone': 'timestamp with time zone',
    'timestamp (3) with time zone': 'timestamp(3) with time zone',
    'timestamptz(6)': 'timestamp(6) with time zone',
    'time(2)': 'time(2) without time zone',
    'text[]': 'text[]',
    'integer[3][3]': 'integer[][]',
    'vector(3)': 'vector(3)',
    'double precision': 'double precision',
    mood: 'mood'
  }
  for (const [written, formatted] of Object.entries(pairs)) t.equal(formatType(written), formatted)
})

t.test('one type under two names is the same', async (t) => {
  for (const [declared, found] of [
    ['mood', 'app.mood'],
    ['mood', '"My App"."mood"'],
    ['integer[][]', 'integer[]'],
    ['numeric(6)', 'numeric(6,0)'],
    ['geometry(point)', 'public.geometry(Point)']
  ]) {
    t.ok(sameType(declared!, found!), `${declared} ${found}`)
  }
  for (const [declared, found] of [
    ['text', 'uuid'],
    ['timestamp', 'timestamptz'],
    ['varchar(10)', 'varchar(20)'],
    ['text', 'text[]'],
    ['numeric(6,2)', 'numeric(6,3)']
  ]) {
    t.notOk(sameType(declared!, found!), `${declared} ${found}`)
  }
})
