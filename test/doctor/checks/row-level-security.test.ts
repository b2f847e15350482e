import { getTableColumns } from 'drizzle-orm'
import { char, numeric, PgDialect, pgEnum, pgTable, serial, text, timestamp, uuid, varchar } from 'drizzle-orm/pg-core'
import t from 'tap'
import { rowLevelSecurity } from '../../../lib/doctor/checks/row-level-security.js'
import type { PolicyFacts } from '../../../lib/doctor/facts.js'
import type { Subject } from '../../../lib/doctor/check.js'
import { formatType } from '../../../lib/doctor/column-types.js'
import { userIsolationPolicy } from '../../../lib/schema/user-isolation-policy.js'
import { column, examined, table } from '../../fixtures/examined.js'

const good: PolicyFacts = {
  name: 'own',
  permissive: true,
  command: 'all',
  using: "user_id = nullif(current_setting('app.user_id', true), '')"
}
const look = (facts: Partial<Subject>, inUse = true) =>
  rowLevelSecurity(
    examined({
      rowLevelSecurity: inUse,
      tables: [table('tasks', { rowLevelSecurity: true, policies: [good], ...facts })]
    })
  )
/** The comparison of a policy, and what it casts the user to. */
const castIn = (policy: string): RegExpMatchArray =>
  /nullif\(current_setting\('app\.user_id', true\), ''\)(?:::(.*?))?(?=$|\) with check)/.exec(policy)!

t.test('off, without FORCE, without a policy, with one for everyone: errors', async (t) => {
  t.match(look({ rowLevelSecurity: false, policies: [] }), [
    { severity: 'error', problem: /off/, edit: /userIsolationPolicy\(table\.userId\)/ }
  ])
  t.match(look({ from: 'database', forced: false, ownedByRole: true }), [{ severity: 'error', problem: /not forced/ }])
  t.match(look({ policies: [] }), [{ severity: 'error', problem: /no policy applies/ }])
  t.match(look({ policies: [good, { ...good, name: 'open', using: 'true' }] }), [
    { severity: 'error', place: 'tasks.open' }
  ])
  t.match(look({ policies: [{ ...good, check: 'true' }] }), [{ severity: 'error', place: 'tasks.own' }])
})

t.test('some of the commands, or an empty setting: warnings', async (t) => {
  t.match(look({ policies: [{ ...good, command: 'select' }] }), [
    { severity: 'warning', problem: 'No policy allows insert, update, delete' }
  ])
  t.match(look({ policies: [{ ...good, using: "user_id = current_setting('app.user_id', true)" }] }), [
    { severity: 'warning', place: 'tasks.own' }
  ])
})

t.test('a restrictive policy may ask for anything, and a forced or foreign table is fine', async (t) => {
  t.strictSame(
    look({ policies: [good, { ...good, name: 'awake', permissive: false, using: 'extract(hour from now()) > 6' }] }),
    []
  )
  t.strictSame(look({ forced: true, ownedByRole: true }), [])
  t.strictSame(look({ forced: false, ownedByRole: false }), [])
})

t.test('the owner is compared as userIsolationPolicy compares it: no cast to text, none to a length', async (t) => {
  const columns = [
    text(),
    varchar(),
    varchar({ length: 3 }),
    char(),
    char({ length: 3 }),
    uuid(),
    serial(),
    numeric({ precision: 10, scale: 2 }),
    timestamp({ precision: 3 }),
    pgEnum('Role', ['ada'])(),
    text().array(),
    varchar({ length: 3 }).array(),
    char({ length: 3 }).array()
  ]
  for (const userId of columns) {
    const { userId: owner } = getTableColumns(pgTable('tasks', { userId }))
    const [, expected] = castIn(new PgDialect().sqlToQuery(userIsolationPolicy(owner).using!).sql)
    const [finding] = look({
      from: 'database',
      policies: [],
      columns: [column('user_id', { type: formatType(owner.getSQLType()) })]
    })
    const [, cast] = castIn(finding!.sql!)
    t.equal(
      cast === undefined ? cast : formatType(cast).replaceAll('"', ''),
      expected === undefined ? expected : formatType(expected).replaceAll('"', ''),
      owner.getSQLType()
    )
  }
  t.match(look({ from: 'database', policies: [], columns: [column('user_id', { type: 'character(3)' })] }), [
    { sql: /''\)::bpchar\)/ }
  ])
  t.match(look({ from: 'database', policies: [], columns: [column('user_id', { type: 'characters' })] }), [
    { sql: /''\)::characters\)/ }
  ])
})

t.test('the policy reads the setting that the app names the user in', async (t) => {
  const under = (setting: string, facts: Partial<Subject> = {}) =>
    rowLevelSecurity(
      examined({
        rowLevelSecurity: true,
        setting,
        tables: [table('tasks', { from: 'database', rowLevelSecurity: true, policies: [good], ...facts })]
      })
    )
  t.match(under('my.user'), [
    {
      severity: 'error',
      place: 'tasks.own',
      problem: 'The policy reads the setting "app.user_id", and the app names the user in "my.user"',
      sql: /current_setting\('my\.user', true\)/,
      edit: /userIsolationPolicy\(table\.userId, \{ setting: 'my\.user' \}\)/
    }
  ])
  t.strictSame(under('App.user_id'), [], 'PostgreSQL does not tell capitals apart here')
  const byFunction = { ...good, using: "user_id = nullif(app_user(), '')" }
  t.strictSame(under('my.user', { policies: [byFunction] }), [], 'what a function reads nobody knows')
  const also = { ...good, using: `${good.using!} and current_setting('app.mode', true) = nullif('x', '')` }
  t.strictSame(under('app.user_id', { policies: [also] }), [])
})

t.test('where the app does not use it, nothing is asked for', async (t) => {
  t.strictSame(look({ rowLevelSecurity: false, policies: [] }, false), [])
})
