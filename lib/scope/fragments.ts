import { errors } from '../errors.js'

// Words that begin a sub-select or a clause. Unquoted in a fragment they could reach a table that is not scoped.
const clauseWords = new Set([
  'select', 'table', 'values', 'insert', 'update', 'delete', 'merge', 'truncate', 'copy', 'call', 'execute', 'do',
  'union', 'intersect', 'except', 'having', 'limit', 'offset', 'fetch', 'returning', 'into', 'join', 'lateral',
  'window',
  'where', 'from', 'with', 'order', 'group', 'for', 'on', 'using', 'set', 'create', 'alter', 'drop', 'grant', 'listen',
  'notify'
])

// The few places in an expression where such a word is allowed: what stands before it, and how deep.
const allowedPlaces: Record<string, (before: string[], depth: number, after: () => string) => boolean> = {
  from: (before, depth) => before[0] === 'distinct' || depth > 0,
  for: (before, depth) => before[0] === 'collation' || depth > 0,
  where: (before) => before[0] === '(' && before[1] === 'filter',
  order: (_before, depth) => depth > 0,
  group: (before) => before[0] === 'within' || before[0] === 'exclude',
  with: (_before, _depth, after) =>
    /^\s+(?:time\s+zone|unique|(?:un)?conditional|(?:array\s+)?wrapper)\b/i.test(after()),
  returning: (_before, depth) => depth > 0,
  on: (_before, depth) => depth > 0
}

// Functions that run SQL text, read outside the tables, change what other users and the policies stand on, or leave
// something in the session or tell of it: the next user's statements run in that.
const forbiddenFunctions = new RegExp(`^(?:${[
  '(?:query|table|schema|database|cursor)_to_xml(?:schema|_and_xmlschema)?',
  'dblink\\w*', 'crosstab\\w*', 'connectby', 'xpath_table', 'ts_stat', 'ts_rewrite', 'pgr_\\w+', 'run_command_on_\\w+',
  'citus_\\w+',
  'query_export_to_s3', 'table_import_from_s3', 'schedule_in_database', 'plv8_\\w+',
  'set_config', 'setval', 'lastval', 'currval', 'setseed', 'set_limit', 'postgres_fdw_\\w+', 'lo_\\w+', 'loread',
  'lowrite', '(?:add|drop|populate)_?geometry\\w+', 'updategeometrysrid',
  'get_raw_page\\w*', 'heap_page_\\w+',
  '(?:bt|gin|gist|hash|brin)_(?:page|meta|multi|bitmap|revmap|clean|summarize|desummarize)\\w*'
].join('|')})$`)
// PostgreSQL's own administration; each version brings more of it, so these are the ones that pass.
const administration =
  /^pg_(?!(?:typeof|collation_for|column_size|size_pretty|size_bytes|input_is_valid|backend_pid|client_encoding|is_in_recovery|current_xact_id|(?:try_)?advisory_xact_lock(?:_shared)?)$)/

function isForbidden (name: string, isCall: boolean): boolean {
  return forbiddenFunctions.test(name) || (isCall && administration.test(name))
}

const token =
  /\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_\u0080-\u{10ffff}][\p{L}\p{N}_$\u0080-\u{10ffff}]*|\d[\w.]*|\$\d+|--|\/\*|[\s\S]/uy

/** Stands in a judged text for a value. */
export const valueStandIn = '\u0001'
/** For a value that is still to come. */
export const parameterStandIn = '\u0003'
/** For a sub-query of the scope. */
export const subqueryStandIn = '\u0002'
/**
 * Stands before the name of a column that Drizzle has written: any other name with a dot may be a function of the row.
 */
export const columnPrefix = '\u0004'
/** For a pattern of `like` that fails unless `escape` follows it. */
export const openPatternStandIn = '\u0005'

const quoted = '"(?:[^"]|"")*"'
const column = `${columnPrefix}${quoted}\\.${quoted}`
// A name that is called is a function, and one before a dot may be its schema, however it is written.
const uncalled = `(?!\\s*[(.${subqueryStandIn}])`

// What is leakproof, as PostgreSQL calls it: it cannot fail on a row, and so tell of it. Comparisons of columns and
// values, and aggregates of them; a value behind `like` has been checked when it was bound.
const leakproof = new RegExp(`^(?:${[
  '\\s', `${column}(?!")${uncalled}`, `(?<!\\.\\s*)${quoted}(?!")${uncalled}`, '\'(?:[^\']|\'\')*\'(?!\')',
  `[${valueStandIn}${parameterStandIn}${subqueryStandIn}]`, '[(),]', '\\d+(?![\\w.])', '\'\\[\\]\'::json(?!\\w)',
  '(?:<>|!=|<=|>=|[=<>])(?![-+*/<>=~!@#%^&|`?])',
  'count\\s*\\(\\s*\\*\\s*\\)',
  '(?:count|sum|avg|min|max|coalesce|json_build_array|json_agg|lower|upper|length)\\s*(?=\\()',
  `i?like\\s+${valueStandIn}`, `cast\\(cast\\(${valueStandIn} as text\\) as [\\w ."]+(?:\\(\\d+\\))?[\\w ]*\\)`,
  `cast\\(${column} as text\\)`,
  '(?:and|or|not|is|null|in|between|true|false|distinct|from|asc|desc|nulls|first|last|exists|as|order|by)(?!\\w)'
].join('|')})*$`, 'i')

/** What a fragment may hold beyond an expression. */
export type Allowed = 'nothing' | 'sub-selects'

// Verdicts on texts that passed: whether they are leakproof.
const accepted: Record<Allowed, Map<string, boolean>> = { nothing: new Map(), 'sub-selects': new Map() }
const maxAccepted = 2000
const longestAccepted = 2000

/**
 * Judges the whole text of a caller's fragment, with stand-ins for values and the scope's own sub-queries.
 * @param allowed sub-selects in brackets, where PostgreSQL's own policies keep them on the user's rows. Default nothing
 * @returns whether it is leakproof: whether it can fail on no row, and so tells nothing of one that it is evaluated on
 * too early
 * @throws errors.UnsafeFragment when it is not one balanced expression without sub-select, clause keyword,
 * comment, `;`, dollar quote, `U&` escape or a function that runs SQL text
 */
export function judgeFragment (text: string, allowed: Allowed = 'nothing'): boolean {
  const known = accepted[allowed].get(text)
  if (known !== undefined) return known
  const fault = findFault(text, allowed)
  if (fault !== undefined) {
    throw new errors.UnsafeFragment(
      `A raw sql fragment must be one balanced expression, but this one has ${fault}: ${readable(text)}. ` +
      'Build sub-queries and clauses with request.db, and hand values over as parameters'
    )
  }
  if (endsOpen.test(text)) {
    throw new errors.InvalidArgument('A pattern for like ends with a backslash that escapes nothing: double it')
  }
  const isLeakproof = text.trim() === '*' || leakproof.test(text)
  if (accepted[allowed].size < maxAccepted && text.length <= longestAccepted) accepted[allowed].set(text, isLeakproof)
  return isLeakproof
}

/**
 * Judges a whole statement of `execute`: clauses are its own affair, the rest is as in a fragment.
 * @throws errors.UnsafeFragment
 */
export function judgeRawStatement (text: string): void {
  const fault = findFault(text.replace(/;\s*$/, ''), 'clauses')
  if (fault !== undefined) {
    throw new errors.UnsafeFragment(`execute takes one plain statement, but this one has ${fault}: ${readable(text)}`)
  }
}

const anyValueAt = new RegExp(`[${valueStandIn}${parameterStandIn}${openPatternStandIn}]`)
const anyValue = new RegExp(`[${valueStandIn}${parameterStandIn}${openPatternStandIn}]`, 'g')

function readable (text: string): string {
  const shown = text.replaceAll(anyValue, '?').replaceAll(subqueryStandIn, '(sub-query)').replaceAll(columnPrefix, '')
  return shown.length > 200 ? `${shown.slice(0, 200)}…` : shown
}

// An update of it is SET for the whole session, and the next user's statements run in that.
const lastingSettings = 'pg_settings, whose update outlives the transaction'

const endsOpen = new RegExp(`${openPatternStandIn}(?!\\s*escape\\b)`, 'i')

function findFault (text: string, allowed: 'nothing' | 'sub-selects' | 'clauses'): string | undefined {
  // On the wire a NUL ends the text, wherever it stands.
  if (text.includes('\0')) return 'a NUL'
  const open: string[] = []
  // The words and signs read so far, the latest first; two are enough to know the allowed places.
  let before: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const part = token.exec(text)![0]
    const first = part[0]!
    if (first === columnPrefix || (/^\s/u.test(part) && part.trim() === '')) continue

    if (first === "'" || first === '"') {
      if (part.length === 1) return 'an unclosed quote'
      // Whether a backslash hides the quote depends on the server's settings, so no string ends in one.
      if (first === "'" && /\\'/.test(part)) return 'a backslash before a quote'
      if (before[0] === '&' && /^u$/i.test(before[1] ?? '')) return 'a U& escape'
      if (allowed === 'clauses' && part === '"pg_settings"') return lastingSettings
      if (first === '"' && isCalled(text) && isForbidden(part.slice(1, -1), true)) return `the function ${part}`
    } else if (part === '--' || part === '/*') {
      return 'a comment'
    } else if (first === ';') {
      return 'a semicolon'
    } else if (first === '$' && !(allowed === 'clauses' && part.length > 1)) {
      return 'a dollar sign outside a string'
    } else if (anyValueAt.test(first) && /^[\p{L}\p{N}_$]/u.test(text.slice(token.lastIndex))) {
      return 'text that runs on from a value'
    } else if (/^\d/.test(first) && !/^(?:0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e\d*)?)$/i.test(part)) {
      return 'a word that runs on from a number'
    } else if (first === '(' || first === '[') {
      open.push(first)
    } else if (first === ')' || first === ']') {
      if (open.pop() !== (first === ')' ? '(' : '[')) return 'a bracket that closes nothing'
    } else if (/^[\p{L}_]/u.test(first)) {
      const word = part.toLowerCase()
      const rest = (): string => text.slice(token.lastIndex)
      const within = allowed === 'clauses' || (allowed === 'sub-selects' && open.length > 0)
      if (!within && clauseWords.has(word) && allowedPlaces[word]?.(before, open.length, rest) !== true) {
        return `the keyword ${part}`
      }
      if (isForbidden(word, isCalled(text))) return `the function ${part}`
      // A table made on the way has no policies, and a temporary one would stand before the real one in the next user's
      // statements.
      if (allowed === 'clauses' && word === 'into' && before[0] !== 'insert' && before[0] !== 'merge') {
        return `${part}, which makes a table`
      }
      if (allowed === 'clauses' && word === 'pg_settings') return lastingSettings
      before = [word, before[0] ?? '']
      continue
    }
    before = [first, before[0] ?? '']
  }
  return open.length > 0 ? 'an unclosed bracket' : undefined
}

function isCalled (text: string): boolean {
  const [next] = text.slice(token.lastIndex).trimStart()
  return next === '(' || next === subqueryStandIn
}

/**
 * Judges a value behind `like`: one that ends in an odd number of backslashes fails only when a row matches what stands
 * before, and so is not leakproof, unless an `escape` behind it says otherwise.
 * @returns whether it ends so
 * @throws errors.InvalidArgument for what is no text
 */
export function isOpenPattern (value: unknown): boolean {
  if (typeof value !== 'string') throw new errors.InvalidArgument('A pattern for like is a text')
  return /(?<!\\)(?:\\\\)*\\$/.test(value)
}

const setReturning = new RegExp(`(?<![\\w$."])(?:${[
  'unnest', 'generate_(?:series|subscripts)',
  'jsonb?_(?:object_keys|array_elements(?:_text)?|each(?:_text)?|path_query)',
  'regexp_(?:matches|split_to_table)', 'string_to_table'
].join('|')})\\s*\\(`, 'i')

/** Whether a judged text calls one of PostgreSQL's functions that return a set, which can stand in no `case`. */
export function returnsSet (text: string): boolean {
  return setReturning.test(text)
}

/**
 * Whether a judged text is one equality and nothing else, as PostgreSQL merges or hashes a full join by: the planner
 * looks at
 * its sides and evaluates neither.
 */
export function isEquality (text: string): boolean {
  let outer = text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ' x ')
  for (let before = ''; before !== outer;) [before, outer] = [outer, outer.replaceAll(/\([^()]*\)/g, ' x ')]
  const words = /\b(?:and|or|not|is|isnull|notnull|in|like|ilike|similar|between|overlaps|any|all|some)\b/i
  return !words.test(outer) && outer.match(/[<>=!~@#&|^`?]+/g)?.join(' ') === '='
}
