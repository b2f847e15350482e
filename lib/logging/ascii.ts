import { inspect } from 'node:util'

/** What becomes of characters beyond ASCII: JSON escapes, nothing, or UTF-8 bytes. */
export type NonAscii = 'escape' | 'strip' | 'keep'

const beyondPrintable = /[\u007f-\uffff]/
const beyondPrintables = /[\u007f-\uffff]/g
const loneSurrogates = /\p{Surrogate}/gu
// A C1 control such as U+009B starts a terminal sequence, as ESC [ does.
const terminalControls = /[\u007f-\u009f]/g
// JSON.stringify escapes lone surrogates only. A doubled backslash is consumed first: what follows it is plain text.
const surrogateEscapes = /\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\ud[89a-f][0-9a-f]{2}/gi

/**
 * The function that makes a line of JSON safe to write anywhere. `'escape'` and `'strip'` leave pure ASCII; `'escape'`
 * loses nothing, since `\uXXXX` means the same to every JSON reader (RFC 8259 section 7). Lone surrogates become
 * U+FFFD.
 * @throws {TypeError} when `nonAscii` is another word
 */
export function lineEncoder (nonAscii: NonAscii): (line: string) => string {
  switch (nonAscii) {
    case 'escape': return (line) => rewrite(line, (text) => wellFormed(text).replace(beyondPrintables, jsonEscape))
    case 'strip': return (line) => rewrite(line, (text) => text.replace(beyondPrintables, ''))
    case 'keep': return (line) => rewrite(line, (text) => wellFormed(text).replace(terminalControls, jsonEscape))
    default: throw new TypeError(`"nonAscii" option must be 'escape', 'strip' or 'keep', got ${inspect(nonAscii)}`)
  }
}

function rewrite (line: string, nonAscii: (text: string) => string): string {
  const text = line.includes('\\ud') ? line.replace(surrogateEscapes, unpaired) : line
  return beyondPrintable.test(text) ? nonAscii(text) : text
}

function unpaired (escaped: string, high?: string): string {
  return escaped === '\\\\' || high !== undefined ? escaped : '\\ufffd'
}

function wellFormed (text: string): string {
  return text.replace(loneSurrogates, '\ufffd')
}

/** A character as a JSON escape, `\uXXXX`; JSON.stringify leaves DEL and the C1 controls as they are. */
export function jsonEscape (character: string): string {
  return '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0')
}
