/** What stands in a secret's place. */
export const redacted = '[redacted]'

/** Words in the names of secrets. */
export const secretWords = 'token|secret|password|passwd|jwt|api[_-]?key'

// An unescaped quote always delimits in JSON, so `"cookie":` can only be a key, at whatever depth. Names are bounded,
// so that a long line of half-matching ones costs no more than its length.
const header = '(?:proxy-)?authorization|(?:set-)?cookie'
const name = `[^"\\\\]{0,80}?(?:${secretWords})[[\\]]{0,4}|${header}|cookies|t?otp`
// An OAuth state is long and random; the state of a task is neither.
const longState = 'state"\\s*:\\s*(?="[\\w.~%+/=-]{20,}")'
// Lists of raw headers have names and values in turn.
const secretKey = new RegExp(`"(?:(?:${name})"\\s*:|(?:${header})"\\s*,|${longState})\\s*`, 'gi')

const text = /"[^"\\]*(?:\\.[^"\\]*)*"/y
const number = /-?\d[\d.e+-]*/iy

/**
 * Replaces the values of secret fields in JSON, or in a text that quotes some: texts, numbers, lists and objects. Where
 * a value is cut off, all that follows goes too.
 */
export function redactFields (json: string): string {
  let clean = ''
  let done = 0
  for (const { 0: key, index } of json.matchAll(secretKey)) {
    // Within the value of the one before.
    if (index < done) continue
    const start = index + key.length
    const end = valueEnd(json, start)
    if (end === start) continue
    clean += `${json.slice(done, start)}"${redacted}"`
    done = end
  }
  return done === 0 ? json : clean + json.slice(done)
}

/** Where the value ends that begins here; where it begins when there is nothing to hide, as in `null`. */
function valueEnd (json: string, start: number): number {
  switch (json[start]) {
    case '"': return stringEnd(json, start)
    case '{':
    case '[': return containerEnd(json, start)
    default:
      number.lastIndex = start
      return number.test(json) ? number.lastIndex : start
  }
}

function stringEnd (json: string, start: number): number {
  text.lastIndex = start
  return text.test(json) ? text.lastIndex : json.length
}

function containerEnd (json: string, start: number): number {
  let depth = 0
  for (let at = start; at < json.length; at++) {
    const character = json[at]
    if (character === '"') at = stringEnd(json, at) - 1
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
  return json.length
}
