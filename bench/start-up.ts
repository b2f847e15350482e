import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { ratio, spread, type Spread } from './measure.js'
import type { Line } from './report.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

const imports = `import Fastify from 'fastify'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
const db = drizzle(postgres('postgres://127.0.0.1/none'))
const app = Fastify()`
const end = `
app.get('/', async () => ({ ok: true }))
await app.ready()
process.stdout.write(String(performance.now()))
process.exit()`
const register = `
const { default: authIntegration } = await import('fastify-auth-integration')
await app.register(authIntegration, { secret: 'k9Xv2pQz7Lw4RtY8sB3nM6cD1fG5hJ0aE', db, frontendUrl: 'https://web.example.app' })`

/**
 * Milliseconds from the start of Node to a ready app, with Fastify and Drizzle and with the package as well, as built.
 */
export async function measureStartUp (
  { warmUp, rounds }: { warmUp: number; rounds: number },
  tick: () => void
): Promise<{ line: Line; without: Spread; with: Spread }> {
  const taken = { without: [] as number[], with: [] as number[] }
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, text] of [
      ['without', imports + end],
      ['with', imports + register + end]
    ] as const) {
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', text], { cwd: root })
      if (round >= 0) taken[name].push(Number(stdout))
    }
    tick()
  }
  const [plain, ours] = [spread(taken.without), spread(taken.with)]
  return {
    without: plain,
    with: ours,
    line: {
      what: 'start-up, from the start of Node to a ready app',
      against: 'Fastify and Drizzle without the plugin',
      ratio: ratio(taken.with, taken.without),
      note: `${ours.median.toFixed(0)} and ${plain.median.toFixed(0)} ms`
    }
  }
}

export interface Installed { package: number, withDependencies: number, dependencies: number }

/** Bytes on disk: the package's own files, and with what npm installs for it beside its peers. */
export function measureSize (): Installed {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<
      string,
      { dev?: boolean; devOptional?: boolean; optional?: boolean; dependencies?: Record<string, string> }
    >
  }
  const needed = new Set<string>()
  const visit = (from: string, names: string[]): void => {
    for (const name of names) {
      const place = findInstalled(packages, from, name)
      if (place === undefined || needed.has(place)) continue
      needed.add(place)
      visit(place, Object.keys(packages[place]!.dependencies ?? {}))
    }
  }
  visit('', Object.keys(packages['']!.dependencies ?? {}))
  const own = bytesBelow(join(root, 'dist'))
  const others = [...needed].reduce((sum, place) => sum + bytesBelow(join(root, place)), 0)
  return { package: own, withDependencies: own + others, dependencies: needed.size }
}

// As Node looks for it: in node_modules of the package, and of every folder above.
function findInstalled (packages: object, from: string, name: string): string | undefined {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf('/node_modules/')))) {
    const place = `${base === '' ? '' : `${base}/`}node_modules/${name}`
    if (Object.hasOwn(packages, place)) return place
    if (base === '') return undefined
  }
}

function bytesBelow (folder: string): number {
  if (!existsSync(folder)) return 0
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    if (entry.name === 'node_modules') return sum
    const path = join(folder, entry.name)
    return sum + (entry.isDirectory() ? bytesBelow(path) : statSync(path).size)
  }, 0)
}
