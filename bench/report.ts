import type { Spread } from './measure.js'

/** One line of the table. */
export interface Line {
  what: string
  against: string
  ratio: Spread
  /** The least ratio the design asks for. */
  atLeast?: number
  /** The greatest: for what should not grow. */
  atMost?: number
  /** The figures behind the ratio, for a reader who wants units. */
  note?: string
}

/** The table, in Markdown; `judged` says beside each target whether it was met. */
export function renderTable (lines: Line[], judged: boolean): string {
  const rows = lines.map(({ what, against, ratio, atLeast, atMost, note = '' }) => [
    what,
    against,
    `**${two(ratio.median)}**`,
    `${two(ratio.low)}–${two(ratio.high)}`,
    target(atLeast, atMost),
    judged ? verdict(ratio, atLeast, atMost) : '',
    note
  ])
  const header = ['what', 'against', 'ratio', 'quartiles', 'target', '', 'figures']
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function target (atLeast?: number, atMost?: number): string {
  if (atLeast !== undefined) return `≥ ${atLeast}`
  return atMost !== undefined ? `≤ ${atMost}` : ''
}

function verdict ({ median }: Spread, atLeast?: number, atMost?: number): string {
  if (atLeast === undefined && atMost === undefined) return ''
  return median >= (atLeast ?? 0) && median <= (atMost ?? Infinity) ? 'met' : 'missed'
}

function two (figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure.toFixed(2)
}

/** A table of any cells, in Markdown. */
export function renderRows (header: string[], rows: Array<Array<string | number>>): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
