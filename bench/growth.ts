import { desc } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/postgres-js'
import postgres from 'postgres'
import { userScope } from 'fastify-auth-integration'
import { fillTable, ownerOf, taskTable } from './database.js'
import { drive, startServerProcess } from './load.js'
import { latencies, quantile, ratio } from './measure.js'
import type { Line } from './report.js'
import { makeToken } from './tokens.js'

export interface Size { rows: number, users: number }
/** One point of a curve; latencies in milliseconds. */
export interface Point { of: string, rows: number, users: number, p50: number, p99: number }
export interface ConcurrencyPoint { connections: number, p50: number, p99: number, perSecond: number }

export const tableOf = ({ rows }: Size): string => `tasks_${rows}`

/** Creates one table for each size. */
export async function fillSizes (url: string, sizes: Size[], tick: () => void): Promise<void> {
  const client = postgres(url, { max: 1, onnotice: () => {} })
  for (const size of sizes) {
    await fillTable(client, tableOf(size), size.rows, size.users)
    tick()
  }
  await client.end()
}

/**
 * How long one call takes as rows and users grow: the sizes take turns, one call in flight, a user at random for each.
 */
export async function measureGrowth (
  url: string,
  sizes: Size[],
  { rounds, milliseconds }: { rounds: number; milliseconds: number },
  tick: () => void
): Promise<{ points: Point[]; line: Line }> {
  const client = postgres(url, { max: 10 })
  const db = drizzle(client)
  const taken = new Map<string, { of: string; size: Size; rounds: number[][] }>()
  for (let round = -1; round < rounds; round++) {
    for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
      for (const [of, call] of Object.entries(await operations(db, size))) {
        const times = await latencies(call, { milliseconds, inFlight: 1 })
        const key = `${of} ${size.rows}`
        if (!taken.has(key)) taken.set(key, { of, size, rounds: [] })
        if (round >= 0) taken.get(key)!.rounds.push(times)
      }
    }
    tick()
  }
  await client.end()

  const curves = [...taken.values()].sort((a, b) => a.size.rows - b.size.rows)
  const points = curves.map(({ of, size, rounds }) => ({
    of,
    ...size,
    p50: quantile(rounds.flat(), 0.5),
    p99: quantile(rounds.flat(), 0.99)
  }))
  const medians = ({ rows }: Size): number[] => taken.get(`list ${rows}`)!.rounds.map((times) => quantile(times, 0.5))
  const [small, large] = [sizes[0]!, sizes.at(-1)!]
  const p50 = ({ rows }: Size): string =>
    points.find((point) => point.of === 'list' && point.rows === rows)!.p50.toFixed(2)
  return {
    points,
    line: {
      what: `p50 of findMany at ${count(large.rows)} rows, ${count(large.users)} users`,
      against: `at ${count(small.rows)} rows, ${count(small.users)} users`,
      ratio: ratio(medians(large), medians(small)),
      atMost: 1.3,
      note: `${p50(large)} and ${p50(small)} ms`
    }
  }
}

type Operation = (turn: number) => Promise<unknown>

async function operations (db: ReturnType<typeof drizzle>, size: Size): Promise<Record<string, Operation>> {
  const tasks = taskTable(tableOf(size))
  const id = (): number => 1 + Math.floor(Math.random() * size.rows)
  const mine = (user = ownerOf(id(), size.users)) => userScope(db, user).repository(tasks)
  const cursors = await Promise.all(Array.from({ length: 50 }, async () => {
    const user = ownerOf(id(), size.users)
    return { user, cursor: (await mine(user).paginate({ limit: 5 })).nextCursor }
  }))
  return {
    // Ten rows at every size, the number that each user has at the largest.
    list: async () => await mine().findMany({ limit: 10, orderBy: desc(tasks.id) }),
    'by id': async () => {
      const one = id()
      return await mine(ownerOf(one, size.users)).getById(one)
    },
    insert: async () => await mine().insert({ title: 'one more' }),
    paginate: async (turn) => {
      const { user, cursor } = cursors[turn % cursors.length]!
      return await mine(user).paginate({ limit: 5, cursor })
    }
  }
}

/** A protected route that lists 20 rows of the largest table, over more and more connections at once. */
export async function measureConcurrency (
  url: string,
  size: Size,
  connections: number[],
  milliseconds: number,
  tick: () => void
): Promise<ConcurrencyPoint[]> {
  const server = await startServerProcess('rows', { BENCH_DATABASE: url, BENCH_TABLE: tableOf(size) })
  const tokens = Array.from({ length: Math.min(size.users, 5000) }, (_, i) =>
    makeToken('HS256', i, ownerOf(i, size.users))
  )
  await drive(server.port, { tokens, connections: 16, milliseconds })
  const points: ConcurrencyPoint[] = []
  for (const number of connections) {
    const start = performance.now()
    const taken = await drive(server.port, { tokens, connections: number, milliseconds })
    points.push({
      connections: number,
      p50: quantile(taken, 0.5),
      p99: quantile(taken, 0.99),
      perSecond: taken.length / ((performance.now() - start) / 1000)
    })
    tick()
  }
  await server.end()
  return points
}

function count (number: number): string {
  return number.toLocaleString('en').replaceAll(',', ' ')
}
