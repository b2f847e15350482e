import { causesOf, type Thrown } from './root-cause.js'

/**
 * An error that can be logged: without the values that its statement was sent with, which Drizzle and PGlite keep in
 * `params`, postgres.js in `parameters`, and PostgreSQL quotes in `detail`, `where` and the messages of class 22. The
 * statement and the number of values stay.
 * @returns the error itself, or a copy with the same prototype where it, or a cause beneath it, holds values
 */
export function withoutValues<Value> (thrown: Value): Value {
  const causes = causesOf(thrown)
  if (!causes.some(holdsValues)) return thrown
  let copy: Thrown | undefined
  // From the inside out: who wraps an error often quotes its message.
  const quoted: Array<[raw: string, clean: string]> = []
  for (const error of causes.reverse()) copy = copyOf(error, copy, quoted)
  return copy as Value
}

/** Takes the values out of a text that quotes an error of a statement, in time that grows with its length. */
export function withoutQuotedValues (text: string): string {
  return rules.reduce(cut, text)
}

const hidden = '[redacted]'
const valueLists = ['params', 'parameters', 'args']

// PostgreSQL quotes in its own language, as in « x » or „x“.
const quotes = /["'«„“‹](?:.*["'»“”›])?/su

/**
 * Where values begin in a text and where they end; without an end they reach to that of the text, or there are none.
 */
interface Rule { begin: RegExp, end?: RegExp, needsEnd?: boolean, close: string }

const rules: Rule[] = [
  // Drizzle's message. Whatever follows goes too: a value may look like a line of the stack.
  { begin: /\nparams: /g, close: '' },
  {
    begin: /\bkey \([^=]{1,1000}\)=\(/gi,
    end: /\)(?= (?:already exists|is not present|is still referenced|conflicts with)|\.?$)/g,
    close: ''
  },
  { begin: /\bFailing row contains \(/g, close: ')' },
  { begin: /\binvalid input (?:syntax for type|value for enum) [^:]{1,200}: "|\bvalue out of range: "/g, close: '"' },
  { begin: /\bvalue "/g, end: /" is out of range/g, needsEnd: true, close: '' },
  // What this package says of a value that is no timestamp.
  { begin: /\bgot the string "|\bnew Date\("/g, end: /(?<!\\)"/g, close: '' }
]

function cut (text: string, { begin, end, needsEnd = false, close }: Rule): string {
  let clean = ''
  let done = 0
  for (const { 0: opening, index } of text.matchAll(begin)) {
    if (index < done) continue
    const start = index + opening.length
    if (end !== undefined) end.lastIndex = start
    const found = end?.exec(text)
    // None here means none after a later beginning.
    if (!found && needsEnd) break
    clean += text.slice(done, start) + hidden
    if (!found) return clean + close
    done = found.index
  }
  return clean + text.slice(done)
}

function holdsValues (error: Thrown): boolean {
  return isServers(error) || valueLists.some((list) => Array.isArray(error[list])) || Array.isArray(error.errors) ||
    (typeof error.message === 'string' && withoutQuotedValues(error.message) !== error.message)
}

/** Five digits and capitals: an error that PostgreSQL itself has sent. */
function isServers ({ code }: Thrown): boolean {
  return typeof code === 'string' && /^[0-9][0-9A-Z]{4}$/.test(code)
}

function copyOf (error: Thrown, cause: Thrown | undefined, quoted: Array<[string, string]>): Thrown {
  const copy = Object.create(Object.getPrototypeOf(error))
  const message = String(error.message)
  const clean = cleanMessage(error, message, quoted)
  for (const name of Object.getOwnPropertyNames(error)) {
    const value = cleanValue(error, name, { message: clean, cause })
    if (value === undefined) continue
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, name)
    Object.defineProperty(copy, name, { value, enumerable, writable: true, configurable: true })
  }
  if (typeof error.stack === 'string') copy.stack = cleanStack(error.stack, message, clean)
  if (clean !== message) quoted.push([message, clean])
  return copy
}

function cleanValue (error: Thrown, name: string, known: { message: string, cause?: Thrown }): unknown {
  const value = error[name]
  if (name === 'message') return known.message
  if (name === 'cause') return known.cause ?? value
  if (name === 'errors' && Array.isArray(value)) return value.map(withoutValues)
  if (valueLists.includes(name) && Array.isArray(value)) return countOf(value)
  if (isServers(error) && (name === 'detail' || name === 'where')) return undefined
  return value
}

function cleanMessage (error: Thrown, message: string, quoted: Array<[string, string]>): string {
  const { query, params, code } = error
  if (typeof query === 'string' && Array.isArray(params) && message.startsWith('Failed query: ')) {
    return `Failed query: ${query} (${countOf(params)})`
  }
  const requoted = quoted.reduce((text, [raw, clean]) => text.replaceAll(raw, () => clean), message)
  // The messages of other classes quote names alone.
  if (isServers(error) && String(code).startsWith('22')) return requoted.replace(quotes, `"${hidden}"`)
  return withoutQuotedValues(requoted)
}

/** V8 writes the message into the stack; where it is not found word by word, the frames alone are left. */
function cleanStack (stack: string, message: string, clean: string): string {
  const at = stack.indexOf(message)
  if (at !== -1) return stack.slice(0, at) + clean + stack.slice(at + message.length)
  return [clean, ...stack.split('\n').filter((line) => /^ {4}at /.test(line))].join('\n')
}

function countOf (values: unknown[]): string {
  return `${values.length} ${values.length === 1 ? 'value' : 'values'}`
}
