import { createRequire } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInThisContext } from 'node:vm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import t from 'tap'
import { userScope } from '../../lib/repository/user-scope.js'
import { startPostgres } from '../fixtures/postgres.js'
import { createTables, notes } from '../fixtures/task-schema.js'

setFlagsFromString('--allow-natives-syntax')
const isFast = runInThisContext('(object) => %HasFastProperties(object)') as (object: object) => boolean

// The two builds of the driver have classes of their own, and a class stays as it was made.
const builds = {
  'one round trip': { connect: postgres, options: {} },
  'short transactions': { connect: createRequire(import.meta.url)('postgres') as typeof postgres, options: { rowLevelSecurity: true } }
}
for (const [way, { connect, options }] of Object.entries(builds)) {
  t.test(`V8 no longer throws away what it compiles of the driver's classes: ${way}`, async (t) => {
    const { url } = await startPostgres(t)
    const client = connect(url, { max: 1, onnotice: () => {} })
    t.teardown(() => client.end({ timeout: 0 }))
    const queries = client.unsafe('').constructor
    const rows = (await client.unsafe(createTables)).constructor
    t.strictSame([isFast(queries), isFast(rows)], [false, false], 'as the driver has them')
    const { repository } = userScope(drizzle(client), 'ada', options)
    await repository(notes).count()
    t.strictSame([isFast(queries), isFast(rows)], [true, true])
  })
}
