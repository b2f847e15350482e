/** `error`: rows can leak, or statements fail. `warning`: look at it. */
export type Severity = 'error' | 'warning'

/** Something that is wrong, and its cure. */
export interface Finding {
  /** The check's stable name, such as `owner-index`. */
  check: string
  severity: Severity
  /** Where: a variable, a table, a column. */
  place: string
  problem: string
  why: string
  /** SQL that cures it in the database. */
  sql?: string
  /** What to change elsewhere: the Drizzle schema, the environment, the options. */
  edit?: string
}

/** Errors first, then by place, so that two runs read the same. */
export function inOrder (findings: Finding[]): Finding[] {
  return [...findings].sort((a, b) => rank(a) - rank(b) || compare(a.place, b.place) || compare(a.check, b.check))
}

function rank ({ severity }: Finding): number {
  return severity === 'error' ? 0 : 1
}

function compare (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
