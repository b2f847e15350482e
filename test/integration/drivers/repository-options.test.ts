import { sql } from 'drizzle-orm'
import { date, integer, pgTable, primaryKey, text, timestamp, uniqueIndex } from 'drizzle-orm/pg-core'
import t from 'tap'
import { userScope } from '../../../lib/index.js'
import { onEveryDriver, type AnyScope } from '../../fixtures/grounds.js'

const places = pgTable('places', {
  userId: text('user_id').notNull(),
  id: integer().notNull(),
  slug: text().notNull(),
  archived: text(),
  day: date(),
  dayDate: date('day_date', { mode: 'date' }),
  at: timestamp({ withTimezone: true }),
  atText: timestamp('at_text', { withTimezone: true, mode: 'string' }),
  days: date().array()
}, (table) => [primaryKey({ columns: [table.userId, table.id] }), uniqueIndex().on(table.userId, table.slug).where(sql`${table.archived} is null`)])
const create = `
  create table places (user_id text not null, id integer not null, slug text not null, archived text, day date, day_date date, at timestamptz, at_text timestamptz, days date[], primary key (user_id, id));
  create unique index on places (user_id, slug) where archived is null;`

onEveryDriver(t, { create, schema: { places } }, async (t, { db, options }) => {
  const scope: AnyScope = userScope(db, 'A', options)
  const repository = scope.repository(places)

  await t.test('an option that is not obeyed is refused', async (t) => {
    await repository.insert({ id: 1, slug: 'x' })
    const refused: Record<string, () => Promise<unknown>> = {
      findMany: () => repository.findMany({ wher: sql`true` }),
      'findMany, Drizzle\'s with': () => repository.findMany({ with: {} }),
      findFirst: () => repository.findFirst({ limit: 5 }),
      'findFirst, extras': () => repository.findFirst({ extras: {} }),
      paginate: () => repository.paginate({ offset: 5 }),
      'paginate, columns': () => repository.paginate({ columns: { id: true } }),
      upsert: () => repository.upsert({ id: 1, slug: 'y' }, { target: [places.userId, places.id], where: sql`true` }),
      'upsert, setWhere': () => repository.upsert({ id: 1, slug: 'y' }, { target: [places.userId, places.id], setWhere: sql`false` }),
      'findById, a key too many': () => repository.findById({ id: 1, slug: 'x' }),
      'findById, a key that is no column': () => repository.findById({ id: 1, nothing: 'x' }),
      'updateById, a key too many': () => repository.updateById({ id: 1, slug: 'x' }, { archived: 'x' }),
      'deleteById, a key too many': () => repository.deleteById({ id: 1, slug: 'z' }),
      'getById, another\'s owner': () => repository.getById({ userId: 'B', id: 1 }),
      'on conflict of a builder': async () => await scope.db.insert(places).values({ id: 1, slug: 'x' }).onConflictDoUpdate({ target: [places.userId, places.id], set: { slug: 'y' }, targetwhere: sql`true` } as never),
      'a lock': async () => await scope.db.select().from(places).for('update', { skiplocked: true } as never)
    }
    for (const [name, run] of Object.entries(refused)) await t.rejects(run(), { code: /^FAI_/ }, name)
    t.match(await repository.getById(1), { slug: 'x', archived: null }, 'and nothing was done')
  })

  await t.test('upsert takes the condition of a partial index', async (t) => {
    await repository.insert({ id: 2, slug: 'partial' })
    t.match(await repository.upsert({ id: 3, slug: 'partial', day: '2024-01-01' }, { target: [places.userId, places.slug], targetWhere: sql`${places.archived} is null` }), { id: 3, day: '2024-01-01' })
    t.equal(await repository.count(sql`slug = 'partial'`), 1)
    await t.rejects(repository.upsert({ id: 4, slug: 'partial' }, { target: [places.userId, places.slug] }), 'without it PostgreSQL knows no such index')
  })

  await t.test('the remedy that an error names works', async (t) => {
    const given: Array<[key: string, value: unknown]> = ['day', 'dayDate', 'at', 'atText'].flatMap((key) => [
      new Date('2024-05-06T07:08:09Z'), new Date(NaN), 1732233600, 1732233600000, '1732233600', 'Thu, 21 Nov 2024 10:00:00 GMT', 'tomorrow', true, 1e20, '1e20', -1, 5n, [], {}
    ].map((value): [string, unknown] => [key, value]))
    given.push(['days', [new Date('2024-05-06T07:08:09Z')]], ['days', [1732233600]])
    let remedies = 0
    let id = 100
    for (const [key, value] of given) {
      const error = await repository.insert({ id: id++, slug: `r${id}`, [key]: value }).then(() => undefined, (error: any) => error)
      if (error === undefined) continue
      t.match(error.code, /^FAI_/, `${key} ${String(value)}: ${error.message}`)
      const remedy = /: use (?:its )?(.*)$/.exec(error.message)?.[1]
      if (remedy === undefined || remedy === 'a Date' || remedy.startsWith('YYYY')) continue
      remedies++
      const subject = /a Date: use its /.test(error.message) ? (Array.isArray(value) ? value[0] : value) : undefined
      // The remedy is code, and doing what it says is the test.
      // eslint-disable-next-line no-new-func
      const mended = new Function('value', `return ${subject === undefined ? remedy : `value.${remedy.replace(/^\./, '')}`}`)(subject)
      const row = await repository.insert({ id: id++, slug: `r${id}`, [key]: Array.isArray(value) ? [mended] : mended }).then((row: any) => row, (error: any) => error.message)
      t.not(typeof row, 'string', `${key}, ${error.message} → ${String(mended)}: ${String(row)}`)
    }
    t.ok(remedies >= 12, `${remedies} remedies were tried`)
  })
})
