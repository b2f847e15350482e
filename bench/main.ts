/**
 * Measures what the package costs and what it saves, as ratios on one machine in one run.
 *
 *   npm run bench                     everything, a few minutes
 *   npm run bench -- --only rows      one of http, rows, growth, heap, start-up (or several, by commas)
 *   npm run bench -- --short          each part once and briefly: whether the benchmark works, no figures to rely on
 *   npm run bench -- --json           the figures as JSON on stdout, the table on stderr
 *   npm run bench -- --draw           also draws the curves into docs/
 *
 * PostgreSQL is the embedded one, or that of DATABASE_URL, whose user needs the right to create databases.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { drawCharts, type HeapPoint } from './charts.js'
import { startDatabase } from './database.js'
import { fillSizes, measureConcurrency, measureGrowth, tableOf, type Size } from './growth.js'
import { measureHttp } from './http.js'
import { describeMachine } from './machine.js'
import { loadPeers } from './peers.js'
import { renderRows, renderTable, type Line } from './report.js'
import { measureRows } from './rows.js'
import { measureSize, measureStartUp } from './start-up.js'

const { values: { short, json, draw, only } } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    draw: { type: 'boolean', default: false },
    only: { type: 'string', default: 'http,rows,growth,heap,start-up' }
  }
})
const parts = only.split(',')
const plan = short
  ? {
      rows: { rounds: 1, milliseconds: 20, inFlight: 20 },
      // A token is remembered from the second time on.
      http: { warmUp: 1, rounds: 1, requests: 100 },
      growth: { rounds: 1, milliseconds: 20 },
      connections: [1, 16],
      load: 50,
      starts: { warmUp: 0, rounds: 1 },
      tokens: 1000
    }
  : {
      rows: { rounds: 9, milliseconds: 250, inFlight: 20 },
      http: { warmUp: 2, rounds: 5, requests: 6000 },
      growth: { rounds: 6, milliseconds: 300 },
      connections: [1, 4, 16, 64, 256],
      load: 2000,
      starts: { warmUp: 1, rounds: 7 },
      tokens: 1_000_000
    }
const sizes: Size[] = short
  ? [
      { rows: 500, users: 10 },
      { rows: 1000, users: 20 }
    ]
  : [
      { rows: 10_000, users: 100 },
      { rows: 50_000, users: 1000 },
      { rows: 200_000, users: 10_000 },
      { rows: 1_000_000, users: 100_000 }
    ]

const tick = (): void => { process.stderr.write('.') }
async function part<T> (name: string, measure: () => Promise<T>): Promise<T | undefined> {
  if (!parts.includes(name)) return undefined
  process.stderr.write(`${name} `)
  const start = performance.now()
  const answer = await measure()
  process.stderr.write(` ${((performance.now() - start) / 1000).toFixed(0)} s\n`)
  return answer
}

async function measureHeap (): Promise<HeapPoint[]> {
  const child = fork(fileURLToPath(new URL('heap.ts', import.meta.url)), [String(plan.tokens)], {
    execArgv: [...process.execArgv, '--expose-gc']
  })
  const points: HeapPoint[] = []
  child.on('message', (point) => { points.push(point as HeapPoint); tick() })
  const [code] = await once(child, 'exit') as [number]
  if (code !== 0) throw new Error(`The process whose heap is measured ended with ${code}`)
  return points
}

const machine = describeMachine()
const peers = await loadPeers({ install: !short })
const database = await startDatabase()
const lines: Line[] = []
let growth, concurrency
try {
  const largest = sizes.at(-1)!
  if (parts.includes('http') || parts.includes('growth')) {
    await part(parts.includes('http') ? 'http' : 'growth', async () => {
      await fillSizes(database.url, sizes, tick)
    })
  }
  lines.push(
    ...((await part(
      'http',
      async () =>
        await measureHttp(
          {
            ...plan.http,
            withPeers: peers !== undefined,
            few: short,
            databaseUrl: database.url,
            table: tableOf(sizes[0]!),
            users: sizes[0]!.users
          },
          tick
        )
    )) ?? [])
  )
  lines.push(...await part('rows', async () => await measureRows(database, peers, plan.rows, tick)) ?? [])
  growth = await part('growth', async () => await measureGrowth(database.url, sizes, plan.growth, tick))
  if (growth !== undefined) lines.push(growth.line)
  concurrency = await part(
    'growth',
    async () => await measureConcurrency(database.url, largest, plan.connections, plan.load, tick)
  )
} finally {
  await database.end()
}
const heap = await part('heap', measureHeap)
if (heap !== undefined) {
  const [first, last] = [heap[0]!, heap.at(-1)!]
  const ratio = last.mib / first.mib
  lines.push({
    what: `heap after ${last.tokens} distinct tokens`,
    against: `after ${first.tokens}`,
    ratio: { median: ratio, low: ratio, high: ratio },
    note: `${last.mib.toFixed(1)} and ${first.mib.toFixed(1)} MiB; at most 10 000 are kept`
  })
}
const startUp = await part('start-up', async () => await measureStartUp(plan.starts, tick))
if (startUp !== undefined) lines.push(startUp.line)
const size = parts.includes('start-up') ? measureSize() : undefined
machine.load.push(loadavg()[0]!)

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2)} MiB`
const report = [
  `${machine.date}, ${machine.cpu}, ${machine.memory}, Node.js ${machine.node}, PostgreSQL ${database.version}, load ${machine.load.map((load) => load.toFixed(1)).join(' to ')}`,
  Object.entries({ ...machine.versions, ...peers?.versions })
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
  renderTable(lines, !short),
  growth &&
    renderRows(
      ['operation', 'rows', 'users', 'p50 ms', 'p99 ms'],
      growth.points.map(({ of, rows, users, p50, p99 }) => [of, rows, users, p50.toFixed(2), p99.toFixed(2)])
    ),
  concurrency &&
    renderRows(
      ['requests at once', 'p50 ms', 'p99 ms', 'requests a second'],
      concurrency.map(({ connections, p50, p99, perSecond }) => [
        connections,
        p50.toFixed(2),
        p99.toFixed(2),
        Math.round(perSecond)
      ])
    ),
  heap &&
    renderRows(
      ['distinct tokens', 'heap MiB'],
      heap.map(({ tokens, mib }) => [tokens, mib.toFixed(1)])
    ),
  size &&
    `Installed: ${mebibytes(size.package)} of its own, ${mebibytes(size.withDependencies)} with its ${size.dependencies} dependencies, peers not counted.`
]
  .filter((text) => text !== undefined)
  .join('\n\n')

if (draw && growth !== undefined && concurrency !== undefined && heap !== undefined) {
  drawCharts({ growth: growth.points, concurrency, heap })
}
if (json) {
  process.stderr.write(`${report}\n`)
  process.stdout.write(
    `${JSON.stringify({ machine, postgres: database.version, peers: peers?.versions, lines, growth: growth?.points, concurrency, heap, startUp, size }, null, 2)}\n`
  )
} else {
  process.stdout.write(`${report}\n`)
}
