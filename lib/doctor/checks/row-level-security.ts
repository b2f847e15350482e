import { quoted } from '../../internal/sql-names.js'
import { ownedTables, remedy, type Check, type Examined, type Finding, type OwnedTable } from '../check.js'
import type { PolicyFacts } from '../facts.js'
import { placeOf, propertyOf, tableName } from '../sql-names.js'

type Setting = Pick<Examined, 'setting'>
const commands = ['select', 'insert', 'update', 'delete'] as const

/** Where the app uses row-level security: it is off, not forced, without policies, or its policies are too wide. */
export const rowLevelSecurity: Check = (examined) => {
  if (!examined.rowLevelSecurity) return []
  return ownedTables(examined).flatMap((table) => {
    if (!table.rowLevelSecurity) return [switchedOff(table, examined)]
    return [
      ...unforced(table),
      ...uncovered(table, examined),
      ...table.policies.flatMap((policy) => judge(table, policy, examined))
    ]
  })
}

function switchedOff (table: OwnedTable, { setting }: Setting): Finding {
  const policy = table.policies.length === 0 ? ` ${policySql(table, setting)}` : ''
  return {
    check: 'row-level-security',
    severity: 'error',
    place: placeOf(table),
    problem: 'Row-level security is off for this table',
    why: "Raw SQL, which request.db.execute takes where row-level security is on, reads every user's rows of it.",
    ...remedy(table, {
      sql: `alter table ${tableName(table)} enable row level security; ${force(table)}${policy}`,
      edit: policyEdit(table, setting)
    })
  }
}

function force (table: OwnedTable): string {
  return `alter table ${tableName(table)} force row level security;`
}

function unforced (table: OwnedTable): Finding[] {
  if (table.forced !== false || table.ownedByRole !== true) return []
  return [
    {
      check: 'row-level-security',
      severity: 'error',
      place: placeOf(table),
      problem: "Row-level security is not forced, and the connection's role has the rights of the table's owner",
      why: "Policies do not bind a table's owner without FORCE: none of them is applied.",
      sql: `alter table ${tableName(table)} force row level security;`,
      edit: 'drizzle-kit cannot write FORCE: forceRowLevelSecurity(table) gives the statement for a migration. Or ' +
        'connect as a role that owns nothing.'
    }
  ]
}

function uncovered (table: OwnedTable, { setting }: Setting): Finding[] {
  const permissive = table.policies.filter((policy) => policy.permissive)
  const missing = commands.filter(
    (command) => !permissive.some((policy) => policy.command === 'all' || policy.command === command)
  )
  if (missing.length === 0) return []
  const none = missing.length === commands.length
  return [
    {
      check: 'row-level-security',
      severity: none ? 'error' : 'warning',
      place: placeOf(table),
      problem: none ? 'Row-level security is on, and no policy applies' : `No policy allows ${missing.join(', ')}`,
      why: 'What no policy allows is refused: selects return no rows, inserts fail.',
      ...remedy(table, { sql: policySql(table, setting), edit: policyEdit(table, setting) })
    }
  ]
}

function judge (table: OwnedTable, policy: PolicyFacts, { setting }: Setting): Finding[] {
  const expressions = [policy.using, policy.check].filter((expression) => expression !== undefined)
  const found = (severity: Finding['severity'], problem: string, why: string): Finding => ({
    check: 'row-level-security',
    severity,
    place: placeOf(table, policy.name),
    problem,
    why,
    ...remedy(table, {
      sql: `drop policy ${quoted(policy.name)} on ${tableName(table)}; ${policySql(table, setting)}`,
      edit: policyEdit(table, setting)
    })
  })
  if (policy.permissive && expressions.length === 0) {
    return [
      found(
        'error',
        'The policy has no condition',
        'PostgreSQL lets no row through it: lists are empty and inserts fail. drizzle-kit push leaves the ' +
          'conditions out; drizzle-kit generate and migrate write them.'
      )
    ]
  }
  if (policy.permissive && expressions.some((expression) => !expression.includes(table.owner))) {
    return [
      found(
        'error',
        `The policy does not ask for the owner: ${expressions.join(' / ')}`,
        'Permissive policies are joined with OR: this one opens what the others close.'
      )
    ]
  }
  const settings = expressions.flatMap((expression) =>
    [...expression.matchAll(/current_setting\(\s*'([^']+)'/gi)].map(([, name]) => name!.toLowerCase())
  )
  if (settings.length > 0 && !settings.includes(setting.toLowerCase())) {
    return [
      found(
        'error',
        `The policy reads the setting "${settings[0]}", and the app names the user in "${setting}"`,
        'For the policy there is no user then: it shows nothing, and refuses every row that is written.'
      )
    ]
  }
  if (expressions.some((expression) => /current_setting/i.test(expression) && !/nullif/i.test(expression))) {
    return [
      found(
        'warning',
        'The policy compares with a setting that can be an empty text',
        "After a transaction a custom setting reads as '' and not as null: rows whose owner is an empty text match, " +
          'and a cast of it fails.'
      )
    ]
  }
  return []
}

function policySql (table: OwnedTable, setting: string): string {
  const type = table.columns.find(({ name }) => name === table.owner)?.type ?? 'text'
  const own = `${quoted(table.owner)} = nullif(current_setting('${setting}', true), '')${castTo(type)}`
  return `create policy "user_isolation" on ${tableName(table)} using (${own}) with check (${own});`
}

// As userIsolationPolicy casts: a setting is text already, and a cast to a length would take two ids that begin alike
// for one.
function castTo (type: string): string {
  const cast = type
    .replace(/^(character varying|numeric)\([^)]*\)/, '$1')
    .replace(/^character(?:\([^)]*\))?(?=\[|$)/, 'bpchar')
  return cast === 'text' || cast === 'character varying' ? '' : `::${cast}`
}

function policyEdit (table: OwnedTable, setting: string): string {
  const options = setting === 'app.user_id' ? '' : `, { setting: '${setting}' }`
  return `Add userIsolationPolicy(table.${propertyOf(table.owner)}${options}) to ${table.name} in the schema.`
}
