import { desc } from 'drizzle-orm'
import { integer, pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgresJs from 'postgres'
import t from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { startPlace, theScopeAlone } from '../fixtures/settings.js'

t.test('casing: snake_case names columns, owner and orders', async (t) => {
  const client = postgresJs((await startPlace(t, theScopeAlone)).url, { max: 1, onnotice: () => {} })
  t.teardown(() => client.end())
  await client.unsafe('create table long_rows (row_id integer, user_id text not null, long_name text, primary key (user_id, row_id)); insert into long_rows values (1, \'A\', \'a\'), (1, \'B\', \'b\')')
  const rows = pgTable('long_rows', { rowId: integer().primaryKey(), userId: text().notNull(), longName: text() })
  const { db, repository } = userScope(drizzle(client, { casing: 'snake_case', schema: { rows } }), 'A')
  const names = () => db.select({ longName: rows.longName }).from(rows)
  t.same(await names(), [{ longName: 'a' }])
  t.same(await names().union(names()).orderBy(desc(rows.longName)), [{ longName: 'a' }])
  t.same(await names().union(names()).orderBy(rows.longName), [{ longName: 'a' }])
  t.same(await db.query.rows.findMany(), [{ rowId: 1, userId: 'A', longName: 'a' }])
  t.match(await repository(rows).insert({ rowId: 2, longName: 'c' }), { userId: 'A', longName: 'c' })
  t.match(await repository(rows).upsert({ rowId: 2, longName: 'd' }, { target: [rows.userId, rows.rowId] }), { longName: 'd' })
  t.match(await repository(rows).updateById(2, { longName: 'e' }), { longName: 'e' })
  t.match((await repository(rows).paginate({ orderBy: desc(rows.longName), limit: 1 })).items, [{ longName: 'e' }])
  t.equal((await repository(rows).deleteById(1))?.longName, 'a')
  t.same(await client`select long_name from long_rows where user_id = 'B'`, [{ long_name: 'b' }])
})
