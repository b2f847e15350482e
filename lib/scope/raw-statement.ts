import { errors } from '../errors.js'
import { judgeRawStatement } from './fragments.js'

const beginnings = /^[\s(]*(?:select|insert|update|delete|merge|with|values|table)\b/i

/**
 * Lets one statement on rows pass, for `execute` under row-level security: PostgreSQL's policies keep users apart, and
 * nothing that leaves the transaction or its settings may run inside.
 * @throws errors.UnsafeFragment for several statements, transaction control, SET, RESET, DO or `set_config`
 */
export function checkRawStatement (text: string): void {
  if (!beginnings.test(text)) {
    throw new errors.UnsafeFragment(
      'execute runs one select, insert, update, delete, merge, with, values or table statement, and nothing that ' +
      'controls the transaction or its settings'
    )
  }
  judgeRawStatement(text)
}
