import { and, eq, inArray, or, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgresJs from 'postgres'
import t from 'tap'
import { errors, userScope } from '../../lib/index.js'
import { notes, schema, tasks } from '../fixtures/task-schema.js'

// Never connected to: what is looked at is made before.
const client = postgresJs('postgres://nobody@127.0.0.1:1/none', { max: 1, onnotice: () => {} })
t.teardown(() => client.end({ timeout: 0 }))
const { db, repository } = userScope(drizzle(client, { schema }), 'A')

function cost (run: () => unknown): number {
  let least = Infinity
  for (let times = 0; times < 3; times++) {
    const { user } = process.cpuUsage()
    run()
    least = Math.min(least, process.cpuUsage().user - user)
  }
  return least
}

const built: Record<string, (size: number) => unknown> = {
  inArray: (size) => db.select().from(tasks).where(inArray(tasks.id, Array.from({ length: size }, (_, index) => index))).toSQL(),
  'or of pairs': (size) => db.select().from(tasks).where(or(...Array.from({ length: size }, (_, index) => and(eq(tasks.id, index), eq(tasks.title, 'x'))))).toSQL(),
  'a raw list': (size) => db.select().from(tasks).where(sql`${tasks.id} in ${Array.from({ length: size }, (_, index) => index)}`).toSQL(),
  'joined fragments': (size) => db.select().from(tasks).where(sql.join(Array.from({ length: size }, (_, index) => sql`${tasks.title} = ${String(index)}`), sql` or `)).toSQL(),
  'a condition that can fail': (size) => db.select().from(tasks).where(sql`${tasks.title}::int in ${Array.from({ length: size }, (_, index) => index)}`).toSQL(),
  'rows to insert': (size) => db.insert(notes).values(Array.from({ length: size / 4 }, () => ({ body: 'x' }))).toSQL(),
  'references to check': (size) => db.insert(tasks).values(Array.from({ length: size / 8 }, (_, index) => ({ title: 'x', projectId: index }))).toSQL(),
  'values of an update': (size) => db.update(tasks).set({ title: sql.join(Array.from({ length: size }, (_, index) => sql`${String(index)}`), sql` || `) as never }).toSQL(),
  'a long text': (size) => db.select().from(tasks).where(sql.raw(`title = '${'x'.repeat(size * 10)}'`)).toSQL(),
  'many brackets': (size) => db.select().from(tasks).where(sql.raw('('.repeat(size / 10) + 'true' + ')'.repeat(size / 10))).toSQL()
}

for (const [name, build] of Object.entries(built)) {
  t.test(`${name}: eight times the values cost about eight times as much`, async (t) => {
    build(1000)
    const [few, many] = [cost(() => build(2000)), cost(() => build(16_000))]
    // Quadratic work is 64 times as much.
    t.ok(many < 24 * Math.max(few, 2000), `${few} and ${many} µs`)
  })
}

t.test('too many values are refused before they are written down', async (t) => {
  const ids = Array.from({ length: 400_000 }, (_, index) => index)
  const within = cost(() => built.inArray!(60_000))
  const beyond = cost(() => { t.throws(() => db.select().from(tasks).where(inArray(tasks.id, ids)).toSQL(), errors.InvalidArgument) })
  t.ok(beyond < 6 * within, `${beyond} µs for 400 000 values, ${within} for 60 000`)
  await t.rejects(repository(tasks).findMany({ where: inArray(tasks.id, ids) }), { code: 'FAI_INVALID_ARGUMENT', statusCode: 400 })
  await t.rejects(repository(notes).insert(Array.from({ length: 40_000 }, () => ({ body: 'x' }))), { code: 'FAI_INVALID_ARGUMENT' })
})
