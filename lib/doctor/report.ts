import type { Finding } from './check.js'

/** What was checked, and what was found. */
export interface Report {
  /** One phrase a place: the environment, the schema, the database, row-level security. */
  checked: string[]
  findings: Finding[]
}

/** Errors first, then by place, so that two runs read the same. */
function inOrder (findings: Finding[]): Finding[] {
  return [...findings].sort((a, b) => rank(a) - rank(b) || compare(a.place, b.place) || compare(a.check, b.check))
}

function rank ({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1
}

function compare (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** How many findings are errors, how many warnings. */
export function count ({ findings }: Report): { errors: number, warnings: number } {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  return { errors, warnings: findings.length - errors }
}

/** One JSON document, for CI. */
export function asJson (report: Report): string {
  const document = { ...count(report), checked: report.checked, findings: inOrder(report.findings) }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** A table for people: what and where in columns, the reason and the remedy below, on whole lines to copy from. */
export function asTable (report: Report): string {
  const findings = inOrder(report.findings)
  const width = Math.max(5, ...findings.map(({ place }) => oneLine(place).length))
  const row = (severity: string, place: string, problem: string): string =>
    `${severity.padEnd(8)}  ${place.padEnd(width)}  ${problem}`
  const rows = findings.flatMap((finding) => [
    '',
    row(finding.severity.toUpperCase(), oneLine(finding.place), oneLine(finding.problem)),
    detail('why', finding.why),
    ...(finding.sql === undefined ? [] : [detail('sql', finding.sql)]),
    ...(finding.edit === undefined ? [] : [detail('edit', finding.edit)]),
    detail('check', finding.check)
  ])
  const header = findings.length === 0 ? [] : ['', row('SEVERITY', 'PLACE', 'FINDING')]
  const { errors, warnings } = count(report)
  const total = findings.length === 0 ? 'No findings.' : `${plural(errors, 'error')}, ${plural(warnings, 'warning')}.`
  return [...report.checked.map((phrase) => oneLine(`Checked ${phrase}`)), ...header, ...rows, '', total, ''].join('\n')
}

function detail (name: string, text: string): string {
  return `${' '.repeat(10)}${`${name}:`.padEnd(6)} ${oneLine(text)}`
}

function plural (number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

// Names come from the database: a line break or an escape sequence in one stays what it is, text.
function oneLine (text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) =>
    character === '\n' ? ' ' : `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`
  )
}
