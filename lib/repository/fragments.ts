import { errors } from '../errors.js'

// Words that begin a sub-select or a clause. Unquoted in a fragment they could reach a table the scope has not sliced.
const clauseWords = new Set([
  'select', 'table', 'values', 'insert', 'update', 'delete', 'merge', 'truncate', 'copy', 'call', 'execute', 'do',
  'union', 'intersect', 'except', 'having', 'limit', 'offset', 'fetch', 'returning', 'into', 'join', 'lateral', 'window',
  'where', 'from', 'with', 'order', 'group', 'for', 'on', 'using', 'set', 'create', 'alter', 'drop', 'grant', 'listen', 'notify'
])

// The few places in an expression where such a word is innocent: what stands before it, and how deep.
const innocent: Record<string, (before: string[], depth: number, after: () => string) => boolean> = {
  from: (before, depth) => before[0] === 'distinct' || depth > 0,
  for: (_before, depth) => depth > 0,
  where: (before) => before[0] === '(' && before[1] === 'filter',
  order: (_before, depth) => depth > 0,
  group: (before) => before[0] === 'within',
  with: (_before, _depth, after) => /^\s+time\s+zone\b/i.test(after())
}

// Functions that run SQL text, read outside the tables, or change the session the policies trust.
const forbiddenFunctions = new RegExp(`^(?:${[
  '(?:query|table|schema|database|cursor)_to_xml(?:schema|_and_xmlschema)?',
  'dblink\\w*', 'crosstab\\w*', 'connectby', 'xpath_table', 'ts_stat', 'ts_rewrite',
  'set_config', 'lo_\\w+', 'loread', 'lowrite', 'pg_read_\\w+', 'pg_ls_\\w+', 'pg_stat_file', 'pg_file_\\w+',
  'pg_logical_\\w+', 'pg_stat_\\w+', 'get_raw_page', 'heap_page_items', 'pg_terminate_backend', 'pg_cancel_backend', 'pg_reload_conf', 'pg_rotate_logfile'
].join('|')})$`)

const token = /\s+|'(?:[^']|'')*'|"(?:[^"]|"")*"|[\p{L}_\u0080-\u{10ffff}][\p{L}\p{N}_$\u0080-\u{10ffff}]*|\d[\w.]*|\$\d+|--|\/\*|[\s\S]/uy

/** Stands in a judged text for a value, and for a sub-query of the scope. */
export const valueMark = '\u0001'
export const subqueryMark = '\u0002'

const accepted = { nothing: new Set<string>(), 'sub-selects': new Set<string>() }
const maxAccepted = 2000

/**
 * Judges the whole text of a caller's fragment, values and the scope's own sub-queries replaced by marks.
 * @throws errors.UnsafeFragment when it is not one balanced expression without sub-select, clause keyword,
 * comment, `;`, dollar quote, `U&` escape or a function that runs SQL text
 * @param allowed sub-selects in brackets, where PostgreSQL's own policies keep them on the user's rows. Default nothing
 */
export function judgeFragment (text: string, allowed: 'nothing' | 'sub-selects' = 'nothing'): void {
  if (accepted[allowed].has(text)) return
  const fault = findFault(text, allowed)
  if (fault !== undefined) {
    throw new errors.UnsafeFragment(
      `A raw sql fragment must be one balanced expression, but this one has ${fault}: ${readable(text)}. ` +
      'Build sub-queries and clauses with request.db, and hand values over as parameters'
    )
  }
  if (accepted[allowed].size < maxAccepted) accepted[allowed].add(text)
}

/**
 * Judges a whole statement of `execute`: clauses are its own affair, the rest is as in a fragment.
 * @throws errors.UnsafeFragment
 */
export function judgeRawStatement (text: string): void {
  const fault = findFault(text.replace(/;\s*$/, ''), 'clauses')
  if (fault !== undefined) throw new errors.UnsafeFragment(`execute takes one plain statement, but this one has ${fault}: ${readable(text)}`)
}

function readable (text: string): string {
  const marked = text.replaceAll(valueMark, '?').replaceAll(subqueryMark, '(sub-query)')
  return marked.length > 200 ? `${marked.slice(0, 200)}…` : marked
}

function findFault (text: string, allowed: 'nothing' | 'sub-selects' | 'clauses' = 'nothing'): string | undefined {
  const open: string[] = []
  // The words and signs read so far, the latest first; two are enough to know the innocent places.
  let before: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const start = token.lastIndex
    const part = token.exec(text)![0]
    const first = part[0]!
    if (/^\s/u.test(part) && part.trim() === '') continue

    if (first === "'" || first === '"') {
      if (part.length === 1) return 'an unclosed quote'
      // Whether a backslash hides the quote depends on the server's settings, so no string ends in one.
      if (first === "'" && /\\'/.test(part)) return 'a backslash before a quote'
      if (before[0] === '&' && /^u$/i.test(before[1] ?? '')) return 'a U& escape'
      if (first === '"' && /^\s*\(/.test(text.slice(token.lastIndex)) && forbiddenFunctions.test(part.slice(1, -1))) return `the function ${part}`
    } else if (part === '--' || part === '/*') {
      return 'a comment'
    } else if (first === ';') {
      return 'a semicolon'
    } else if (first === '$' && !(allowed === 'clauses' && part.length > 1)) {
      return 'a dollar sign outside a string'
    } else if (first === '\0') {
      return 'a NUL'
    } else if (first === '(' || first === '[') {
      open.push(first)
    } else if (first === ')' || first === ']') {
      if (open.pop() !== (first === ')' ? '(' : '[')) return 'a bracket that closes nothing'
    } else if (/^[\p{L}_]/u.test(first)) {
      const word = part.toLowerCase()
      const rest = (): string => text.slice(token.lastIndex)
      const within = allowed === 'clauses' || (allowed === 'sub-selects' && open.length > 0)
      if (!within && clauseWords.has(word) && innocent[word]?.(before, open.length, rest) !== true) return `the keyword ${part}`
      if (forbiddenFunctions.test(word)) return `the function ${part}`
      before = [word, before[0] ?? '']
      continue
    }
    if (token.lastIndex === start) return 'a character that cannot be read'
    before = [first, before[0] ?? '']
  }
  return open.length > 0 ? 'an unclosed bracket' : undefined
}
