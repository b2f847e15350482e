import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as Plot from '@observablehq/plot'
import domino from 'domino'
import type { ConcurrencyPoint, Point } from './growth.js'

export interface HeapPoint { tokens: number, mib: number }

// Dark enough on white and light enough on black; the text follows the reader's scheme.
const colours = ['#2f81f7', '#d9730d']
const scheme = 'svg { color: #1f2328 } @media (prefers-color-scheme: dark) { svg { color: #e6edf3 } }'

/** Draws the curves into `docs/`. */
export function drawCharts ({
  growth,
  concurrency,
  heap
}: {
  growth: Point[]
  concurrency: ConcurrencyPoint[]
  heap: HeapPoint[]
}): void {
  draw('growth', 'How long one call takes as the table grows, in milliseconds', {
    width: 860,
    height: 300,
    marginBottom: 42,
    fx: { label: null, domain: [...new Set(growth.map((point) => point.of))] },
    x: {
      type: 'log',
      label: 'rows in the table',
      ticks: [...new Set(growth.map((point) => point.rows))],
      tickFormat: short,
      insetRight: 12
    },
    y: { type: 'log', label: 'milliseconds', grid: true, ticks: 5, tickFormat: '~g' },
    ...legend,
    marks: curves(
      growth.flatMap(({ of, rows, p50, p99 }) => [
        { of, x: rows, y: p50, which: 'p50' },
        { of, x: rows, y: p99, which: 'p99' }
      ]),
      { fx: 'of' }
    )
  })
  draw('concurrency', 'How long a request takes as more come at once, in milliseconds', {
    width: 640,
    height: 320,
    marginRight: 40,
    x: {
      type: 'log',
      base: 2,
      label: 'requests at once',
      ticks: concurrency.map((point) => point.connections),
      tickFormat: short
    },
    y: { type: 'log', label: 'milliseconds', grid: true, ticks: 5, tickFormat: '~g' },
    ...legend,
    marks: curves(
      concurrency.flatMap(({ connections, p50, p99 }) => [
        { x: connections, y: p50, which: 'p50' },
        { x: connections, y: p99, which: 'p99' }
      ]),
      {}
    )
  })
  draw('heap', 'Heap after so many distinct tokens, in MiB', {
    width: 640,
    height: 280,
    x: { type: 'log', label: 'distinct tokens', ticks: heap.map((point) => point.tokens), tickFormat: short },
    y: { label: 'MiB', grid: true, zero: true, nice: true },
    marks: [
      Plot.ruleY([0]),
      Plot.line(heap, { x: 'tokens', y: 'mib', stroke: colours[0]!, strokeWidth: 2 }),
      Plot.dot(heap, { x: 'tokens', y: 'mib', fill: colours[0]! }),
      Plot.text(heap, { x: 'tokens', y: 'mib', text: ({ mib }: HeapPoint) => mib.toFixed(1), dy: -10 })
    ]
  })
}

const legend: Plot.PlotOptions = { color: { domain: ['p50', 'p99'], range: colours } }

type CurvePoint = { x: number, y: number, which: string, of?: string }

function curves (points: CurvePoint[], channels: { fx?: string }): Plot.Markish[] {
  return [
    Plot.line(points, { ...channels, x: 'x', y: 'y', stroke: 'which', strokeWidth: 2 }),
    Plot.dot(points, { ...channels, x: 'x', y: 'y', fill: 'which', r: 2.5 }),
    Plot.text(
      points,
      Plot.selectLast({ ...channels, x: 'x', y: 'y', z: 'which', text: 'which', fill: 'which', dy: -10 })
    )
  ]
}

function short (number: number): string {
  if (number >= 1e6) return `${number / 1e6} M`
  return number >= 1000 ? `${number / 1000} k` : String(number)
}

function draw (name: string, title: string, options: Plot.PlotOptions): void {
  const document = domino.createDocument('')
  const svg = Plot.plot({ ...options, document, style: { fontSize: '12px' }, ariaLabel: title })
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  const style = document.createElementNS('http://www.w3.org/2000/svg', 'style')
  style.textContent = scheme
  svg.insertBefore(style, svg.firstChild)
  // HTML's names of characters are not XML's, and ten digits behind the point are a difference at each run.
  const text = svg.outerHTML
    .replaceAll('&nbsp;', '&#160;')
    .replace(/\d+\.\d{3,}/g, (number: string) => String(Number(Number(number).toFixed(2))))
  writeFileSync(fileURLToPath(new URL(`../docs/${name}.svg`, import.meta.url)), `${text}\n`)
}
