// The router ends a name at "/", "-", ".", at the "(" of a regular expression and, at the end of the
// URL, at the "?" of an optional one; "::" is a colon that is meant.
const endOfName = new Set(['/', '-', '.', '('])

function endOfExpression (url: string, open: number): number {
  let depth = 0
  for (let index = open; index < url.length; index++) {
    if (url[index] === '\\') index++
    else if (url[index] === '(') depth++
    else if (url[index] === ')' && --depth === 0) return index
  }
  return url.length
}

/** The names of the parameters in a route's URL, read as Fastify's router reads them; a wildcard is `*`. */
export function paramNames (url: string): string[] {
  const names: string[] = []
  for (let index = 0; index < url.length; index++) {
    const character = url[index]
    if (character === '*') names.push('*')
    if (character !== ':') continue
    if (url[index + 1] === ':') {
      index++
      continue
    }
    let end = index + 1
    while (end < url.length && !endOfName.has(url[end] as string)) end++
    names.push(url.slice(index + 1, end).replace(/\?$/, ''))
    index = url[end] === '(' ? endOfExpression(url, end) : end - 1
  }
  return names
}
