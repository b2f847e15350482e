/**
 * Where the time of one request goes: the server's own profiler, its samples summed up by who wrote the code.
 * Run: npm run build && npx tsx bench/profile.ts [kind of bench/server.ts] [requests]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { fillTable, ownerOf, startDatabase } from './database.js'
import { drive, startServerProcess } from './load.js'
import { renderRows } from './report.js'
import { makeToken } from './tokens.js'

interface Profile {
  nodes: Array<{ id: number, callFrame: { functionName: string, url: string } }>
  samples: number[]
  timeDeltas: number[]
}

const [kind = 'rows', requests = '30000'] = process.argv.slice(2)
const total = Number(requests)
const users = 100
const database = kind.startsWith('rows') ? await startDatabase() : undefined
if (database !== undefined) {
  const client = postgres(database.url, { max: 1, onnotice: () => {} })
  await fillTable(client, 'tasks', 10_000, users)
  await client.end()
}

const folder = mkdtempSync(join(tmpdir(), 'fai-profile-'))
const server = await startServerProcess(kind, { BENCH_DATABASE: database?.url, BENCH_TABLE: 'tasks' },
  ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200'])
const tokens = Array.from({ length: kind.includes('new') ? total : users }, (_, i) =>
  makeToken('HS256', i, ownerOf(i, users))
)
const before = await server.cpu()
await drive(server.port, { tokens, connections: 20, requests: total, awake: database === undefined })
const cpu = (await server.cpu() - before) / total
await server.end()
await database?.end()

// tsx has a thread of its own, and a profile of it.
const profiles = readdirSync(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile)
const profile = profiles.find(({ nodes }) => nodes.some(({ callFrame }) => callFrame.url.endsWith('bench/server.ts')))!
rmSync(folder, { recursive: true })

const nodes = new Map(profile.nodes.map((node) => [node.id, node.callFrame]))
const stages = new Map<string, number>()
for (const [index, id] of profile.samples.entries()) {
  const stage = stageOf(nodes.get(id)!)
  if (stage !== undefined) stages.set(stage, (stages.get(stage) ?? 0) + profile.timeDeltas[index]!)
}
const sum = [...stages.values()].reduce((a, b) => a + b, 0)
// What is left below one in two hundred is the start of the server.
const rows = [...stages]
  .filter(([, time]) => time > sum / 200)
  .sort(([, a], [, b]) => b - a)
  .map(([stage, time]) => [stage, `${((100 * time) / sum).toFixed(1)} %`, ((cpu * time) / sum).toFixed(1)])
console.log(`${kind}: ${cpu.toFixed(0)} µs of CPU a request under the profiler\n`)
console.log(renderRows(['stage', 'share', 'µs'], rows))

function stageOf ({ functionName, url }: { functionName: string, url: string }): string | undefined {
  if (functionName === '(idle)' || functionName === '(root)' || url.includes('/tsx/') || url.includes('/esbuild/')) {
    return undefined
  }
  if (functionName === '(garbage collector)') return 'garbage collection'
  // Loading and compiling: before the first request.
  if (url.startsWith('node:internal/modules') || functionName.startsWith('compile') || functionName === 'wrapSafe') {
    return undefined
  }
  const room = /\/dist\/(\w[\w-]*)/.exec(url)
  if (room !== null && !url.includes('node_modules')) return `the package: ${room[1]}`
  const dependency = /node_modules\/(?:src\/)?((?:@[^/]+\/)?[^/]+)/.exec(url)
  if (dependency !== null) return dependency[1]!
  if (/writev?$|writeLatin1|writeBuffer|writeUtf8|Buffer$/.test(functionName)) return 'Node: writing to sockets'
  return 'Node: HTTP, sockets, timers, promises'
}
