import { causesOf, rootCause, type Thrown } from '../internal/root-cause.js'
import { isStaleStatement } from '../internal/stale-statement.js'
import { withoutValues } from '../internal/without-values.js'

/** What a PostgreSQL error means for the client, and for whoever reads the log. */
export interface PostgresResponse {
  status: number
  /** What the client reads. */
  detail: string
  /** What the log reads. */
  message: string
}

/** What the server said about itself, for the log. */
export interface PostgresFacts {
  /** SQLSTATE, or the driver's code for a lost connection. */
  code?: string
  table?: string
  column?: string
  constraint?: string
}

const responding = (status: number, detail: string) =>
  (message: string): PostgresResponse => ({ status, detail, message })
const badRequest = responding(400, 'Bad Request')
const forbidden = responding(403, 'Forbidden')
const conflict = responding(409, 'Conflict')
const internal = responding(500, 'Internal Server Error')
const unavailable = responding(503, 'Service Unavailable')

/**
 * SQLSTATE, or the class it begins with, to its response. The codes' names are those of PostgreSQL's own
 * table (PostgreSQL manual, appendix A).
 */
export const postgresTable: Readonly<Record<string, PostgresResponse>> = {
  23505: conflict('unique_violation: a row with this key exists'),
  23503: conflict('foreign_key_violation: the row points at one that is not there, or is pointed at'),
  '23P01': conflict('exclusion_violation: the row overlaps another'),
  23502: badRequest('not_null_violation: a required value is missing'),
  23514: badRequest('check_violation: a value breaks a check constraint'),
  '22P02': badRequest('invalid_text_representation: a text is no value of its type'),
  22001: badRequest('string_data_right_truncation: a text is longer than its column'),
  22003: badRequest('numeric_value_out_of_range: a number is outside its type'),
  22007: badRequest('invalid_datetime_format: a text is no date or time'),
  22008: badRequest('datetime_field_overflow: a date or time is out of range'),
  22021: badRequest('character_not_in_repertoire: a text has a character PostgreSQL does not store, such as NUL'),
  '22P05': badRequest(
    'untranslatable_character: a JSON text has a character PostgreSQL does not store, such as \\u0000'),
  22025: badRequest('invalid_escape_sequence: a pattern ends in a backslash that escapes nothing'),
  '2201B': badRequest('invalid_regular_expression: a pattern is no regular expression'),
  22000: badRequest('data_exception: a value is not what its type takes, such as a range that ends before it begins'),
  22015: badRequest('interval_field_overflow: an interval is out of range'),
  22026: badRequest('string_data_length_mismatch: a string of bits is not as long as its column'),
  '2201W': badRequest('invalid_row_count_in_limit_clause: a limit is below zero'),
  '2201X': badRequest('invalid_row_count_in_result_offset_clause: an offset is below zero'),
  54000: badRequest('program_limit_exceeded: a value is too long, as for an index'),
  54001: badRequest('statement_too_complex: a value is nested too deep'),
  '428C9': badRequest('generated_always: a value was given for a column that PostgreSQL alone writes'),
  42501: forbidden('insufficient_privilege: a policy or a missing grant refuses this'),
  42846: internal(
    'cannot_coerce: a value has no cast to its column\'s type; ' +
    'a timestamp takes a Date (new Date(seconds * 1000)), never epoch seconds'),
  42804: internal(
    'datatype_mismatch: a value is not of its column\'s type; ' +
    'a timestamp takes a Date (new Date(seconds * 1000)), never epoch seconds'),
  40001: unavailable(
    'serialization_failure: another transaction came between; nothing was written, ' +
    'and the same request can go through'),
  '40P01': unavailable(
    'deadlock_detected: two transactions waited for each other; nothing of this one was written, ' +
    'and the same request can go through'),
  '08': unavailable('connection_exception: the connection to PostgreSQL failed'),
  '57P': unavailable('operator_intervention: PostgreSQL is shutting down, starting or ended the session'),
  53: unavailable('insufficient_resources: PostgreSQL has too many connections or is out of memory or disk')
}

const unreachable = unavailable('The database cannot be reached')

/** Codes of sockets and name look-ups, and those that postgres.js makes up for its connections. */
const connectionCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH',
  'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'EADDRNOTAVAIL',
  'CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED'
])

/** Neon's drivers say these: over HTTP, and when a WebSocket is not to be had. */
const connectionSentences =
  /^Error connecting to database: |^Server error \(HTTP status (?:5\d\d|429)\)|^Unexpected server response: 5\d\d$/

/** node-postgres and PGlite say these without a code. */
const connectionMessages: ReadonlySet<string> = new Set([
  'Connection terminated', 'Connection terminated unexpectedly', 'Connection terminated due to connection timeout',
  'Query read timeout', 'timeout expired', 'timeout exceeded when trying to connect',
  'Client has encountered a connection error and is not queryable', 'Client was closed and is not queryable',
  'Cannot use a pool after calling end on the pool', 'PGlite is closed', 'PGlite is closing'
])

/**
 * The response to an error of PostgreSQL or of its connection, as postgres.js, node-postgres, PGlite and Neon's drivers
 * throw it, alone or inside Drizzle's `DrizzleQueryError`, with the server's facts; `undefined` for any other error.
 */
export function postgresResponse (error: unknown): PostgresResponse & { facts: PostgresFacts } | undefined {
  const causes = causesOf(error)
  const thrower = causes.find(({ code }) => isState(code))
  if (thrower !== undefined) return responseToState(thrower, String(thrower.code))
  // Another service's refused connection is no database's: fetch, too, hides it in a cause.
  const failed = causes.some(isDrizzles) ? rootCause(error) : causes[0] ?? {}
  // A WebSocket, which Neon's driver has, reports its error in an event.
  const lost = failed.type === 'error' ? rootCause(failed.error) : failed
  return isConnectionLoss(lost) ? { ...unreachable, facts: facts(lost) } : undefined
}

/** Whether PostgreSQL cannot be reached, or cannot serve anybody now. */
export function isDatabaseUnavailable (error: unknown): boolean {
  return postgresResponse(error)?.status === 503
}

function responseToState (thrower: Thrown, state: string): PostgresResponse & { facts: PostgresFacts } {
  // The transaction is undone, and the same request can go through.
  const meaning = isStaleStatement(thrower) ? '40001' : isSyntaxOfValue(thrower) ? '22P02' : state
  const row = postgresTable[meaning] ?? postgresTable[meaning.slice(0, 3)] ?? postgresTable[meaning.slice(0, 2)]
  return { ...row ?? internal(String(withoutValues(thrower).message)), facts: facts(thrower) }
}

// A text that is no tsquery or jsonpath has the code of a statement that is no SQL.
function isSyntaxOfValue ({ code, file }: Thrown): boolean {
  return code === '42601' && /^(?:tsquery|tsvector|jsonpath)/.test(String(file))
}

/** postgres.js has `table_name` where the other drivers have `table`. */
function facts (thrower: Thrown): PostgresFacts {
  const named = (name: string): string | undefined => text(thrower[name]) ?? text(thrower[`${name}_name`])
  return { code: text(thrower.code), table: named('table'), column: named('column'), constraint: named('constraint') }
}

function text (value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/**
 * Five digits and capitals (PostgreSQL manual, appendix A); unlike EPIPE, those that matter here begin with a digit.
 */
function isState (code: unknown): code is string {
  return typeof code === 'string' && /^[0-9][0-9A-Z]{4}$/.test(code)
}

function isConnectionLoss ({ code, message }: Thrown): boolean {
  if (typeof code === 'string') return connectionCodes.has(code)
  return connectionMessages.has(String(message)) || connectionSentences.test(String(message))
}

function isDrizzles (error: Thrown): boolean {
  return typeof error.query === 'string' && Array.isArray(error.params)
}
