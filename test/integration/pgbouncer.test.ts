import assert from 'node:assert/strict'
import { sql } from 'drizzle-orm'
import { drizzle as drizzleNodePostgres } from 'drizzle-orm/node-postgres'
import { drizzle as drizzlePostgresJs } from 'drizzle-orm/postgres-js'
import pg from 'pg'
import postgresJs from 'postgres'
import t, { type Test } from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { shown, startTaskPlace, type TaskDatabase } from '../fixtures/canary.js'
import { attemptsOf, neighbours, rowsOfNeighbours, type Attempt, type Neighbour } from '../fixtures/neighbours.js'
import { rowLevelSecurityByRole, throughPgbouncer, layers, type Place } from '../fixtures/settings.js'
import { schema, tasks } from '../fixtures/task-schema.js'

const drivers: Array<[name: string, open: (t: Test, place: Place) => TaskDatabase]> = [
  ['postgres-js', (t, { url, prepare }) => {
    const client = postgresJs(url, { prepare, max: 5, onnotice: () => {} })
    t.teardown(() => client.end({ timeout: 1 }))
    return drizzlePostgresJs(client, { schema })
  }],
  // pg has no option `prepare` of its own; the plugin reads it there all the same.
  ['node-postgres', (t, { url, prepare }) => {
    const pool = new pg.Pool({ connectionString: url, max: 5, prepare } as pg.PoolConfig)
    t.teardown(() => pool.end())
    return drizzleNodePostgres(pool, { schema }) as unknown as TaskDatabase
  }]
]

function holds (answers: Attempt['answers'], answer: unknown, me: Neighbour): boolean {
  try {
    return answers?.(answer, me) ?? true
  } catch {
    return false
  }
}

const everything = ['projects', 'tasks', 'notes'].map((table) => `select '${table}' "table", to_jsonb(x) - 'updated_at' "row" from ${table} x`).join(' union all ') + ' order by 1, 2'

for (const setting of [...layers, rowLevelSecurityByRole].map(throughPgbouncer)) {
  t.test(`${setting.name} and twenty alternating users`, { skip: setting.skip }, async (t) => {
    const place = await startTaskPlace(t, setting)
    await place.admin.unsafe(rowsOfNeighbours)
    const before = await place.admin.unsafe(everything)
    const attempts = Object.entries(attemptsOf(setting.rowLevelSecurity))

    for (const [driver, open] of drivers) {
      await t.test(driver, async (t) => {
        const db = open(t, place)
        await Promise.all(neighbours.map(async (me, index) => {
          const scope = userScope(db, me.userId, place.options)
          const faults: string[] = []
          // Everyone begins with another attempt, so that all kinds of statements alternate on the one connection.
          for (const turn of attempts.keys()) {
            const [name, { run, answers }] = attempts[(turn + index) % attempts.length]!
            const other = neighbours[(index + 1 + turn % (neighbours.length - 1)) % neighbours.length]!
            const answer = await Promise.resolve().then(async () => await run(scope, other, me)).catch((error) => error)
            const strangers = [...shown(answer).matchAll(/of (user-\d+)!/g)].filter(([, userId]) => userId !== me.userId)
            if (strangers.length > 0 || !holds(answers, answer, me)) faults.push(`${name}: ${shown(answer)}`)
          }
          t.same(faults, [], `${me.userId} meets nobody in ${attempts.length} attempts`)
        }))
        assert.deepEqual(await place.admin.unsafe(everything), before)
        const left = await db.execute(sql`select coalesce(current_setting('app.user_id', true), '') as "user", current_user::text as "role"`)
        const [last] = ('rows' in left ? left.rows : left) as [{ user: string, role: string }]
        t.same({ ...last }, { user: '', role: new URL(place.url).username }, 'and neither the last user nor the role stays on the connection')
        t.same(await userScope(db, 'nobody', place.options).repository(tasks).findMany(), [])
      })
    }
  })
}
