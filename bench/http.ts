import { ownerOf } from './database.js'
import { drive, startServerProcess, type Server } from './load.js'
import { ratio, spread } from './measure.js'
import type { Line } from './report.js'
import { makeToken, serveKeySet } from './tokens.js'

/** What is compared, and with what: the server's CPU a request of the second, divided by that of the first. */
const pairs: Array<{ kind: string, against: string, what: string, atLeast?: number }> = [
  { kind: 'empty hook', against: 'bare', what: 'the floor: a hook that does nothing' },
  { kind: 'HS256 seen', against: 'bare', what: 'protected route, token seen before, HS256', atLeast: 0.94 },
  { kind: 'EdDSA seen', against: 'bare', what: 'protected route, token seen before, EdDSA', atLeast: 0.94 },
  { kind: 'HS256 seen, CORS', against: 'bare, @fastify/cors', what: 'the same with CORS (HS256)', atLeast: 0.95 },
  { kind: 'bare, @fastify/cors', against: 'bare', what: 'CORS alone: a bare route with @fastify/cors' },
  { kind: 'HS256 new', against: 'jwtVerify new', what: 'protected route, every token new, HS256', atLeast: 1.2 },
  { kind: 'HS256 new', against: 'fastify-jwt-jwks HS256 new', what: 'protected route, every token new, HS256' },
  { kind: 'EdDSA seen', against: 'fastify-jwt-jwks EdDSA seen', what: 'protected route, token seen before, EdDSA' },
  { kind: 'EdDSA new', against: 'fastify-jwt-jwks EdDSA new', what: 'protected route, every token new, EdDSA' },
  { kind: 'rows', against: 'rows by hand', what: 'the whole way: protected route, 20 own rows' }
]

const names: Record<string, string> = {
  bare: 'the same route without the plugin',
  'bare, @fastify/cors': 'a bare route with @fastify/cors',
  'jwtVerify new': '`request.jwtVerify()`',
  'rows by hand': '`request.jwtVerify()` and hand-written Drizzle',
  'fastify-jwt-jwks HS256 new': 'fastify-jwt-jwks',
  'fastify-jwt-jwks EdDSA new': 'fastify-jwt-jwks',
  'fastify-jwt-jwks EdDSA seen': 'fastify-jwt-jwks with its cache'
}

/**
 * With `few`, only the pairs that have a target. The first rounds, `warmUp` of them, are not counted: V8 takes its time
 * over a server.
 */
export interface HttpOptions {
  warmUp: number
  rounds: number
  requests: number
  withPeers: boolean
  few: boolean
  databaseUrl: string
  table: string
  users: number
}

/** Requests over HTTP, each kind of server in a process of its own, judged by the CPU that process spends. */
export async function measureHttp (options: HttpOptions, tick: () => void): Promise<Line[]> {
  const { warmUp, rounds, requests, withPeers, few, databaseUrl, table, users } = options
  const keySet = await serveKeySet()
  const chosen = pairs.filter(
    ({ against, atLeast }) => (withPeers || !against.startsWith('fastify-jwt-jwks')) && (!few || atLeast !== undefined)
  )
  const kinds = [...new Set(chosen.flatMap(({ kind, against }) => [against, kind]))]
  const servers = new Map<string, Server>(await Promise.all(kinds.map(async (kind) => [
    kind, await startServerProcess(kind, { BENCH_JWKS: keySet.url, BENCH_DATABASE: databaseUrl, BENCH_TABLE: table })
  ] as const)))
  const cpu = new Map<string, number[]>(kinds.map((kind) => [kind, []]))
  const seen = new Map(kinds.map((kind) => [kind, seenTokens(kind, users)]))

  for (let round = -warmUp; round < rounds; round++) {
    const order = [...servers]
    if (round % 2 !== 0) order.reverse()
    for (const [kind, server] of order) {
      const count = kind.startsWith('rows') || kind.includes('EdDSA new') ? Math.ceil(requests / 4) : requests
      const tokens = kind.includes('new')
        ? Array.from({ length: count }, (_, i) => makeToken(algorithmOf(kind), `${round}.${i}`))
        : seen.get(kind)!
      const before = await server.cpu()
      // With a database there is no core to spare.
      const answers = await drive(server.port, {
        tokens,
        connections: 20,
        requests: count,
        awake: !kind.startsWith('rows')
      })
      if (answers.length !== count) {
        throw new Error(`The server "${kind}" answered ${answers.length} of ${count} requests`)
      }
      if (round >= 0) cpu.get(kind)!.push((await server.cpu() - before) / count)
    }
    tick()
  }
  for (const server of servers.values()) await server.end()
  keySet.close()

  const micro = (kind: string): string => spread(cpu.get(kind)!).median.toFixed(1)
  return chosen.map(({ kind, against, what, atLeast }) => ({
    what,
    against: names[against]!,
    ratio: ratio(cpu.get(against)!, cpu.get(kind)!),
    ...(atLeast === undefined ? {} : { atLeast }),
    note: `${micro(kind)} and ${micro(against)} µs of the server's CPU a request`
  }))
}

function algorithmOf (kind: string): 'HS256' | 'EdDSA' {
  return kind.includes('EdDSA') ? 'EdDSA' : 'HS256'
}

/** The same in each round, so that it is the warm-up that sees them first. */
function seenTokens (kind: string, users: number): string[] {
  if (kind.startsWith('rows')) return Array.from({ length: users }, (_, i) => makeToken('HS256', i, ownerOf(i, users)))
  return Array.from({ length: 50 }, (_, i) => makeToken(algorithmOf(kind), i))
}
