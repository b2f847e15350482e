import fc from 'fast-check'
import { sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import { loadModule, parseSync } from 'libpg-query'
import postgresJs from 'postgres'
import t from 'tap'
import { errors, userScope } from '../../lib/index.js'
import { allowedTexts, hostileTexts } from '../fixtures/fragments.js'
import { samples, schema } from '../fixtures/task-schema.js'

await loadModule()
// Never connected to.
const client = postgresJs('postgres://nobody@127.0.0.1:1/none', { max: 1, onnotice: () => {} })
t.teardown(() => client.end({ timeout: 0 }))
const { db } = userScope(drizzle(client, { schema }), 'A')

const before = 'select id from samples where true and ('
const behind = ') and true'
const places: Record<string, (text: string) => { toSQL (): { sql: string } }> = {
  where: (text) => db.select({ id: samples.id }).from(samples).where(sql.raw(text)),
  field: (text) => db.select({ id: sql.raw(text) }).from(samples),
  order: (text) => db.select({ id: samples.id }).from(samples).orderBy(sql.raw(text)),
  having: (text) => db.select({ id: samples.id }).from(samples).groupBy(samples.id).having(sql.raw(text)),
  set: (text) => db.update(samples).set({ label: sql.raw(text) }),
  value: (text) => db.insert(samples).values({ id: 1, label: sql.raw(text) })
}

/** Every node that PostgreSQL's own parser makes of a text, by the names of its fields. */
function * nodesOf (node: unknown): Generator<[kind: string, node: any]> {
  if (Array.isArray(node)) { for (const item of node) yield * nodesOf(item); return }
  if (typeof node !== 'object' || node === null) return
  for (const [kind, inner] of Object.entries(node)) {
    if (typeof inner === 'object' && inner !== null) yield [kind, inner]
    yield * nodesOf(inner)
  }
}

const refused = /^(?:(?:query|table|schema|database|cursor)_to_xml(?:schema|_and_xmlschema)?|dblink\w*|crosstab\w*|connectby|xpath_table|ts_stat|ts_rewrite|set_config|setval|lo_.*|loread|lowrite|lastval|currval|setseed|set_limit|pg_read_.*|pg_ls_.*|pg_sleep.*|pg_terminate_backend|pg_cancel_backend|pg_notify|pg_advisory_lock|get_raw_page)$/

/** What PostgreSQL sees in a fragment that no expression has; `undefined` where the parser refuses the whole, so that nothing runs. */
function beyondAnExpression (text: string): string | undefined {
  let tree: any
  try {
    tree = parseSync(`${before}${text}${behind}`)
  } catch {
    return undefined
  }
  if (tree.stmts.length !== 1) return `${tree.stmts.length as number} statements`
  const statement = tree.stmts[0].stmt.SelectStmt
  if (statement === undefined) return 'another statement'
  // The statement is what is written around the fragment, and no more.
  const clauses = Object.keys(statement).filter((key) => !['targetList', 'fromClause', 'whereClause', 'limitOption', 'op'].includes(key))
  if (clauses.length > 0 || statement.op !== 'SETOP_NONE' || statement.limitOption !== 'LIMIT_OPTION_DEFAULT') return `clauses ${clauses.join(', ')}`
  if (statement.fromClause.length !== 1 || statement.targetList.length !== 1) return 'another source'
  const and = statement.whereClause.BoolExpr
  if (and?.boolop !== 'AND_EXPR' || and.args.length !== 3) return 'a bracket that closes what is around it'
  for (const [kind, node] of nodesOf(and.args[1])) {
    if (/^(?:SubLink|SelectStmt|RangeVar|RangeSubselect|JoinExpr|WithClause|IntoClause)$/.test(kind)) return kind
    if (kind === 'funcname' && refused.test(String(node.at(-1)?.String?.sval))) return `the function ${String(node.at(-1).String.sval)}`
  }
  return undefined
}

function passes (build: (text: string) => { toSQL (): unknown }, text: string): boolean {
  try {
    build(text).toSQL()
    return true
  } catch (error) {
    if (error instanceof errors.UnsafeFragment || error instanceof errors.InvalidArgument) return false
    throw error
  }
}

const hostile = Object.values(hostileTexts).flat()
const words = [
  'select', 'from', 'where', 'notes', 'union', 'all', 'values', 'table', 'with', 'x', 'as', 'exists', 'array', 'row', 'in', 'any', 'limit', 'order by', 'group by', 'for update', 'returning', 'into',
  'and', 'or', 'not', 'is', 'null', 'true', 'case', 'when', 'then', 'else', 'end', 'between', 'like', 'escape', 'collate', 'cast', 'distinct', 'filter', 'over', 'within group', 'partition by', 'window',
  'exclude group', 'exclude', 'group', 'collation for', 'for', 'on', 'error', 'extract', 'overlay', 'placing', 'substring', 'trim', 'both', 'position', 'json_object', 'json_table', 'xmltable', 'lateral',
  'label', 'id', 'info', 'tags', 'at', '"label"', '"select"', '"query_to_xml"', 'query_to_xml', 'set_config', '"set_config"', 'pg_read_file', 'pg_sleep', 'lastval', '"lastval"', 'setseed', 'set_limit', 'currval', 'lo_get', 'dblink', 'ts_stat',
  'lower', 'count', 'pg_catalog', '.', '.', '(', ')', '(', ')', '[', ']', ',', ';', '::', ':', '+', '-', '--', '/*', '*/', '*', '=', '<', '>', '||', '->', '$1', '$$', '$a$', "'", "''", "'a'", "'\\'", '"', '""', 'U&', 'u&', 'e', "E'\\''", 'b', 'x', "'0'",
  '1', '1.5', '1e5', '0x1f', '1_0', 'operator', 'operator(pg_catalog.+)', 'default', 'current_user', 'interval', 'timestamp', 'time zone', ' ', '\n', '\t', '\u00a0', '\u2003', '\f', 'é', '\\', '@', '~', '!', '?'
]
const piece = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...words) }, { weight: 1, arbitrary: fc.constantFrom(...hostile) }, { weight: 1, arbitrary: fc.constantFrom(...allowedTexts) })
const glued = fc.array(fc.tuple(piece, fc.constantFrom('', ' ', ' ', '\n')), { minLength: 1, maxLength: 12 }).map((parts) => parts.flat().join(''))
const nested = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    piece,
    fc.tuple(fc.constantFrom('lower(', 'count(', '(', 'coalesce(label, ', 'case when true then (', 'array[', '"f" (', 'exists (', 'array (', 'any (', 'cast(', 'sum(id) over (', 'count(*) filter (where '), tie('expression'), fc.constantFrom(')', ']', ') end', ' as text)', ')'))
      .map((parts) => parts.join('')),
    fc.tuple(tie('expression'), fc.constantFrom(' and ', ' or ', ' = ', ' || ', ', ', ' '), tie('expression')).map((parts) => parts.join(''))
  )
})).expression
const runs = Number(process.env.FRAGMENTS ?? 60_000)

t.test('what PostgreSQL\'s own parser finds in the hostile texts is refused', async (t) => {
  let seen = 0
  for (const text of hostile) {
    if (beyondAnExpression(text) === undefined) continue
    seen++
    for (const [place, build] of Object.entries(places)) t.notOk(passes(build, text), `${place}: ${JSON.stringify(text)}`)
  }
  t.ok(seen > 30, `${seen} of them are more than an expression to the parser`)
})

for (const [kind, arbitrary] of [['glued', glued], ['nested', nested]] as const) {
  t.test(`generated fragments, ${kind}: what passes is one expression to PostgreSQL`, async (t) => {
    let [passed, parsed] = [0, 0]
    fc.assert(fc.property(arbitrary, (text) => {
      if (!passes(places.where!, text)) return
      passed++
      const beyond = beyondAnExpression(text)
      if (beyond !== undefined) throw new Error(`${beyond} passes: ${JSON.stringify(text)}`)
      try { parseSync(`${before}${text}${behind}`); parsed++ } catch {}
    }), { numRuns: runs })
    t.ok(passed > runs / 100 && parsed > 100, `${passed} of ${runs} pass, ${parsed} of these are SQL`)
  })
}

t.test('what is allowed passes, and is one expression', async (t) => {
  for (const text of allowedTexts) {
    t.ok(passes(places.where!, text) && beyondAnExpression(text) === undefined, text)
  }
})
