/** A value as an error names it, with its type where its text alone would mislead: `5` and `the text "5"`. */
export function shown (value: unknown): string {
  switch (typeof value) {
    case 'number': case 'bigint': case 'boolean': case 'undefined': return String(value)
    case 'string': return `the text ${JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)}`
    case 'object': return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object'
  }
  return `a ${typeof value}`
}
