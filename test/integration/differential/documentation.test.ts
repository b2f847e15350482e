import { isDeepStrictEqual } from 'node:util'
import type { PGlite } from '@electric-sql/pglite'
import postgresJs from 'postgres'
import t from 'tap'
import { userScope } from '../../../lib/index.js'
import { everyDriver, onEveryDriver } from '../../fixtures/grounds.js'
import { reads, writes } from '../../fixtures/legitimate-queries.js'
import { startSuperuserPostgres } from '../../fixtures/postgres.js'
import { createCounts, createShop, labels, rowsOfShop, shop } from '../../fixtures/shop-schema.js'

// A twin database holds A's rows alone; what plain Drizzle answers there, the scope answers where B's rows are too.
const prefix = process.env.ONLY
const alone = createShop + rowsOfShop('A', 1000, 'own') + createCounts
const together = createShop + rowsOfShop('B', 0, 'other') + rowsOfShop('A', 1000, 'own') + rowsOfShop('C', 3000, 'third') + createCounts
const everything = ['users', 'posts', 'comments', 'lines', 'counters'].map((table) => `select '${table}' "table", to_jsonb(x)::text "row" from ${table} x where user_id = 'A'`).join(' union all ') + ' order by 1, 2'

const answerOf = async (run: () => any): Promise<any> => {
  try {
    return await run()
  } catch (error: any) {
    return `${error.cause?.code ?? error.code ?? ''} ${error.cause?.message ?? error.message}`.slice(0, 160)
  }
}

onEveryDriver(t, { create: together, schema: shop, where: ({ name }) => prefix === undefined || name === prefix }, async (t, ground) => {
  const { driver, db, options, admin } = ground
  if (options.rowLevelSecurity !== false) await admin('alter view open_posts set (security_invoker = true); grant select on open_posts to app; grant usage on all sequences in schema public to app')
  let plain: any
  let twin: (sql: string) => Promise<any>
  if (driver.network) {
    const { url } = await startSuperuserPostgres(t)
    const client = postgresJs(url, { max: 1, onnotice: () => {} })
    t.teardown(() => client.end())
    await client.unsafe(alone)
    twin = async (sql) => [...await client.unsafe(sql)]
    plain = driver.open(t, url, { schema: shop }).db
  } else {
    plain = everyDriver.find(({ network }) => !network)!.open(t, '', { schema: shop }).db
    const client = plain.$client as PGlite
    await client.exec(alone)
    twin = async (sql) => (await client.exec(sql)).at(-1)!.rows
  }
  const scope: any = userScope(db, 'A', { ...options, sharedTables: [labels] }).db

  await t.test('reads', async (t) => {
    const differ: string[] = []
    for (const [name, read] of Object.entries(reads)) {
      for (let times = 0; times < 2; times++) {
        const [expected, answer] = [await answerOf(() => read(plain)), await answerOf(() => read(scope))]
        if (typeof expected === 'string') { differ.push(`${name}: plain Drizzle fails: ${expected}`); break }
        if (!isDeepStrictEqual(answer, expected)) { differ.push(`${name}: ${typeof answer === 'string' ? answer : 'other rows'}`); break }
      }
    }
    t.same(differ, [], `${Object.keys(reads).length} queries answer alike`)
  })

  await t.test('writes', async (t) => {
    const differ: string[] = []
    for (const [name, write] of Object.entries(writes)) {
      const [expected, answer] = [await answerOf(() => write(plain, true)), await answerOf(() => write(scope, false))]
      if (typeof expected === 'string') differ.push(`${name}: plain Drizzle fails: ${expected}`)
      else if (!isDeepStrictEqual(JSON.stringify(sorted(answer)), JSON.stringify(sorted(expected)))) differ.push(`${name}: ${typeof answer === 'string' ? answer : 'other rows'}`)
      if (!isDeepStrictEqual(await twin(everything), (await admin(everything)).map((row) => ({ ...row })))) differ.push(`${name}: other rows in the tables`)
    }
    t.same(differ, [], `${Object.keys(writes).length} statements write alike`)
  })
})

function sorted (rows: any): any {
  return Array.isArray(rows) ? rows.map((row) => JSON.stringify(row)).sort() : rows?.rows ?? rows
}
