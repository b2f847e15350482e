import { redacted, redactFields } from './redacted-fields.js'
import { redactText } from './redacted-text.js'

const stringLiteral = /"[^"\\]*(?:\\.[^"\\]*)*"/g

// What a line without any of these says is no secret: most lines are not looked at any closer.
const suspicious = new RegExp([
  'token', 'secret', 'passw', 'jwt', 'api[_-]?key', 'authoriz', 'cookie', 'otp', 'bearer', 'eyJ', '[?&;#]',
  '%(?:26|3f|23|3b)', 'state', 'reset', 'verif', 'magic', 'invit', 'confirm', 'callback', 'params: ', '\\bkey \\(',
  'Failing row', 'invalid input', 'out of range', 'got the string', 'new Date'
].join('|'), 'i')

/**
 * Replaces secrets in a finished line of JSON: the values of `Authorization`, cookies, `set-cookie` and token-like
 * fields, whatever they are and at whatever depth, and what {@link redactText} finds in any text. Valid JSON stays
 * valid, and nothing else of it changes.
 */
export function redactLine (line: string): string {
  if (!suspicious.test(line)) return line
  return line.startsWith('{') ? redactLiterals(redactFields(line), 0) : redactText(line)
}

// JSON in a text in a text, and so on: who nests deeper hides it from people too.
const deepest = 4

function redactLiterals (json: string, depth: number): string {
  return json.replace(stringLiteral, (literal) => {
    if (literal.length < 8 || !suspicious.test(literal)) return literal
    const text = decoded(literal)
    if (text === undefined) return literal
    let clean = redactFields(redactText(text))
    if (depth < deepest && clean.includes('\\"')) clean = redactLiterals(clean, depth + 1)
    return clean === text ? literal : JSON.stringify(clean)
  })
}

function decoded (literal: string): string | undefined {
  try {
    const text: unknown = JSON.parse(literal)
    return text === redacted ? undefined : text as string
  } catch {
    // In a text that only looks like JSON.
    return undefined
  }
}
